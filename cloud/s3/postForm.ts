import { once } from 'node:events';
import busboy from 'busboy';
import type { AwsCall } from '../engine.ts';
import { S3Error } from './s3Error.ts';

export interface PostForm {
  /** Fields by lower-case name: S3 reads field names in any case. */
  fields: Map<string, string>;
  file: Buffer;
}

/** S3 takes at most 20 KB of form besides the file. */
const FIELD_BYTES = 20 * 1024;

/** Reads a browser's upload form. What comes behind the file is ignored, as by S3. */
export async function readPostForm({ headers, body }: AwsCall): Promise<PostForm> {
  const contentType = headers['content-type'] ?? '';
  if (!contentType.startsWith('multipart/form-data')) {
    throw new S3Error(412, 'PreconditionFailed', 'Bucket POST must be of the enclosure-type multipart/form-data');
  }
  const fields = new Map<string, string>();
  const files: Buffer[][] = [];
  try {
    const parser = busboy({ headers: { 'content-type': contentType }, limits: { fieldSize: FIELD_BYTES } });
    parser.on('field', (name, value, { valueTruncated }) => {
      if (files.length > 0) return;
      if (valueTruncated || fields.has(name.toLowerCase())) parser.destroy(new Error(`${name} is too long or doubled`));
      fields.set(name.toLowerCase(), value);
    });
    parser.on('file', (name, stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', (error) => parser.destroy(error));
      if (name === 'file') files.push(chunks);
    });
    await once(parser.end(body), 'close');
  } catch (cause) {
    throw new S3Error(400, 'MalformedPOSTRequest', `The body is not well-formed multipart/form-data: ${cause}`);
  }
  if (!files[0]) throw new S3Error(400, 'InvalidArgument', 'POST requires exactly one file upload per request.');
  return { fields, file: Buffer.concat(files[0]) };
}
