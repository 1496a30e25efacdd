import { type AwsAnswer, type AwsCall, REGION } from '../engine.ts';
import type { ObjectStore } from './objectStore.ts';
import { readPayload } from './payload.ts';
import { notImplemented, S3Error } from './s3Error.ts';

interface Operation {
  /** The permission it takes, on the object or the bucket. */
  action: string;
  /** Undefined where there is no such object. */
  run(call: AwsCall, key: string, store: ObjectStore): Promise<AwsAnswer | undefined>;
}

/** What signed calls may ask for, by method and by what the path names. */
export const OPERATIONS: Record<string, Operation> = {
  'PUT object': { action: 's3:PutObject', run: putObject },
  'GET object': { action: 's3:GetObject', run: getObject },
  'HEAD object': { action: 's3:GetObject', run: getObject },
  'DELETE object': {
    action: 's3:DeleteObject',
    run: (_call, key, store) => store.delete(key).then(() => answered(204)),
  },
  'HEAD bucket': { action: 's3:ListBucket', run: async () => answered(200, { 'x-amz-bucket-region': REGION }) },
};

const UNDERSTOOD =
  /^x-amz-(date|security-token|user-agent|content-sha256|decoded-content-length|trailer|sdk-checksum-algorithm|checksum-(crc32|mode))$/;
const MEANINGFUL =
  /^(x-amz-.+|if-(none-match|modified-since|unmodified-since|range)|content-(md5|disposition|language)|cache-control|expires)$/;

/** Refuses by name whatever would change the meaning of a call and is not emulated. */
export function refuseUnknown({ method, url, headers }: AwsCall): void {
  const parameter = [...url.searchParams.keys()].find((name) => name !== 'x-id');
  if (parameter) throw notImplemented(`the query parameter ${parameter}`);
  const given = Object.keys(headers).filter((name) => headers[name] !== undefined);
  const ofReads = method === 'GET' || method === 'HEAD' ? [] : ['if-match', 'range'];
  const unknown = given.find((name) => (MEANINGFUL.test(name) && !UNDERSTOOD.test(name)) || ofReads.includes(name));
  if (unknown) throw notImplemented(`the header ${unknown} of ${method}`);
}

async function putObject(call: AwsCall, key: string, store: ObjectStore): Promise<AwsAnswer> {
  const { etag } = await store.put(key, readPayload(call), call.headers['content-type']);
  return answered(200, { etag });
}

async function getObject(call: AwsCall, key: string, store: ObjectStore): Promise<AwsAnswer | undefined> {
  const object = await store.get(key);
  if (!object) return undefined;
  const { range, 'if-match': ifMatch = object.etag } = call.headers;
  if (ifMatch !== object.etag) {
    throw new S3Error(412, 'PreconditionFailed', `The object's ETag is not ${ifMatch}`, { Condition: 'If-Match' });
  }
  const size = object.body.length;
  const [start, end] = range === undefined ? [0, size] : boundsOf(range, size);
  const headers = {
    ...{ etag: object.etag, 'content-type': object.contentType, 'content-length': String(end - start) },
    ...{ 'last-modified': new Date(object.lastModified).toUTCString(), 'accept-ranges': 'bytes' },
    ...(range !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  };
  const body = call.method === 'HEAD' ? '' : object.body.subarray(start, end);
  return { status: range === undefined ? 200 : 206, headers, body };
}

/** First byte and the one after the last. */
function boundsOf(range: string, size: number): [number, number] {
  const [, from, to, last] = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(range) ?? [];
  if (from === undefined && last === undefined) throw notImplemented(`the range ${range}`);
  const start = from === undefined ? Math.max(0, size - Number(last)) : Number(from);
  const end = to ? Math.min(size, Number(to) + 1) : size;
  if (start < end) return [start, end];
  throw new S3Error(416, 'InvalidRange', `The object of ${size} bytes has no ${range}`);
}

function answered(status: number, headers: Record<string, string> = {}): AwsAnswer {
  return { status, headers, body: '' };
}
