import { crc32 } from 'node:zlib';
import type { AwsCall } from '../engine.ts';
import { notImplemented, S3Error } from './s3Error.ts';

const CHECKSUM = 'x-amz-checksum-crc32';

/**
 * The object in a PutObject call: the SDK's framing taken off, its CRC-32 (base64, in header or trailer) verified.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function readPayload({ headers, body }: AwsCall): Buffer {
  const hash = headers['x-amz-content-sha256'] ?? '';
  if (!hash.startsWith('STREAMING-')) return verified(body, headers[CHECKSUM]);
  if (hash !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') throw notImplemented(`x-amz-content-sha256: ${hash}`);
  const announced = headers['x-amz-trailer'];
  if (announced !== CHECKSUM) throw notImplemented(`x-amz-trailer: ${announced}`);
  const { decoded, trailer } = decodeChunks(body);
  if (String(decoded.length) !== headers['x-amz-decoded-content-length']) throw incompleteBody();
  const [name, checksum] = trailer.trim().split(':');
  if (name !== CHECKSUM) throw new S3Error(400, 'MalformedTrailerError', `The trailer lacks ${CHECKSUM}`);
  return verified(decoded, checksum);
}

/** `<size in hex>\r\n<bytes>\r\n` …, ended by size 0 and the trailer. */
function decodeChunks(framed: Buffer): { decoded: Buffer; trailer: string } {
  const chunks: Buffer[] = [];
  let at = 0;
  while (true) {
    const start = framed.indexOf('\r\n', at) + 2;
    const size = framed.toString('latin1', at, start - 2);
    if (!/^[0-9a-f]+$/i.test(size)) throw incompleteBody();
    const end = start + Number.parseInt(size, 16);
    if (end === start) return { decoded: Buffer.concat(chunks), trailer: framed.toString('latin1', start) };
    if (framed.toString('latin1', end, end + 2) !== '\r\n') throw incompleteBody();
    chunks.push(framed.subarray(start, end));
    at = end + 2;
  }
}

function verified(body: Buffer, expected: string | undefined): Buffer {
  const actual = Buffer.alloc(4);
  actual.writeUInt32BE(crc32(body));
  if (expected === undefined || expected.trim() === actual.toString('base64')) return body;
  throw new S3Error(400, 'BadDigest', 'The CRC32 you specified did not match the calculated checksum.');
}

function incompleteBody(): S3Error {
  return new S3Error(400, 'IncompleteBody', 'The request body is not framed as announced, or ended too soon');
}
