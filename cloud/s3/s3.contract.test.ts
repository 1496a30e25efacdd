/** What S3 documents, through the SDK and plain forms. With TARGET=aws it runs on the real service, in the account at hand. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type CORSRule,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_ACCESS_KEY, SECRET_ACCESS_KEY } from '../engine.ts';
import { startGateway } from '../gateway/startGateway.ts';
import { startS3 } from './startS3.ts';

const onAws = process.env.TARGET === 'aws';

interface Target {
  client: S3Client;
  /** May read objects, and not list the bucket. Undefined where a role for it would have to be made. */
  blind: S3Client | undefined;
  stop(): Promise<void>;
}

const Bucket = `contract-${randomUUID()}`;
const corsRules = [
  { AllowedOrigins: ['https://*.example.com'], AllowedMethods: ['POST'], AllowedHeaders: ['content-*'], MaxAge: 3000 },
  { AllowedOrigins: ['*'], AllowedMethods: ['GET'], ExposedHeaders: ['ETag'] },
];

async function startLocalTarget(): Promise<Target> {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-contract-'));
  const mayList = (accessKeyId: string) => accessKeyId === ADMIN_ACCESS_KEY;
  const s3 = startS3({ dataDir, secretOf: () => SECRET_ACCESS_KEY, mayPut: () => true, mayList });
  await s3.createBucket({ name: Bucket, corsRules });
  const gateway = await startGateway({ engines: [s3.engine], authorize: () => true, log: () => {} });
  const clientOf = (accessKeyId: string) =>
    new S3Client({
      ...{ endpoint: gateway.url, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 },
      credentials: { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY },
    });
  return {
    client: clientOf(ADMIN_ACCESS_KEY),
    blind: clientOf('AKIALOCALBLIND'),
    async stop() {
      await gateway.stop();
      await s3.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function startAwsTarget(): Promise<Target> {
  const client = new S3Client();
  await client.send(new CreateBucketCommand({ Bucket }));
  const CORSRules = corsRules.map(
    ({ MaxAge, ExposedHeaders, ...rule }): CORSRule => ({
      ...rule,
      MaxAgeSeconds: MaxAge,
      ExposeHeaders: ExposedHeaders,
    }),
  );
  await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  return {
    client,
    blind: undefined,
    async stop() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
      for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }));
      await client.send(new DeleteBucketCommand({ Bucket }));
    },
  };
}

let target: Target;
let client: S3Client;

beforeAll(async () => {
  target = await (onAws ? startAwsTarget() : startLocalTarget());
  client = target.client;
});
afterAll(() => target.stop());

const put = (Key: string, Body: PutObjectCommandInput['Body'], more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more = {}) => client.send(new GetObjectCommand({ Bucket, Key, ...more }));
const textOf = async (Key: string) => await (await get(Key)).Body?.transformToString();
const etagOf = (body: string | Buffer) => `"${createHash('md5').update(body).digest('hex')}"`;

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
describe('objects', () => {
  test('PutObject answers the ETag, GetObject the object and what describes it', async () => {
    expect((await put('uploads/a', 'hello', { ContentType: 'text/plain' })).ETag).toBe(etagOf('hello'));
    const answer = await get('uploads/a');
    expect(answer).toMatchObject({ ETag: etagOf('hello'), ContentType: 'text/plain', ContentLength: 5 });
    expect(answer.LastModified?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(await answer.Body?.transformToString()).toBe('hello');
  });

  test('HeadObject tells the same without the body', async () => {
    await put('uploads/head', Buffer.alloc(1000));
    const answer = await client.send(new HeadObjectCommand({ Bucket, Key: 'uploads/head' }));
    expect(answer).toMatchObject({ ContentLength: 1000, ETag: etagOf(Buffer.alloc(1000)) });
    expect(answer.ContentType).toBe('application/octet-stream');
  });

  test.each(['ü +&=?#/日本.jpg', 'a//b/', 'k'.repeat(1000), 'Aa', 'aA', '..a', '%2e%2e/%00'])(
    'the key %s is a name like any other',
    async (Key) => {
      await put(Key, Key);
      expect(await textOf(Key)).toBe(Key);
    },
  );

  test('DeleteObject deletes, and does not mind if there is nothing', async () => {
    await put('uploads/gone', 'x');
    const remove = new DeleteObjectCommand({ Bucket, Key: 'uploads/gone' });
    expect((await client.send(remove)).$metadata.httpStatusCode).toBe(204);
    expect((await client.send(remove)).$metadata.httpStatusCode).toBe(204);
    await expect(get('uploads/gone')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('HeadBucket finds a bucket, and not another', async () => {
    await client.send(new HeadBucketCommand({ Bucket }));
    const nothing = `${Bucket.slice(0, -3)}not`;
    await expect(client.send(new HeadBucketCommand({ Bucket: nothing }))).rejects.toMatchObject({ name: 'NotFound' });
    const wrong = client.send(new GetObjectCommand({ Bucket: nothing, Key: 'a' }));
    await expect(wrong).rejects.toMatchObject({ name: 'NoSuchBucket', $metadata: { httpStatusCode: 404 } });
  });

  test('If-Match gets the pinned object and no other (412 PreconditionFailed)', async () => {
    await put('uploads/pinned', 'first');
    const pin = { IfMatch: etagOf('first') };
    expect(await (await get('uploads/pinned', pin)).Body?.transformToString()).toBe('first');
    await put('uploads/pinned', 'second');
    const refused = { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } };
    await expect(get('uploads/pinned', pin)).rejects.toMatchObject(refused);
  });

  test.each([
    ['bytes=0-3', 'abcd', 'bytes 0-3/10'],
    ['bytes=4-', 'efghij', 'bytes 4-9/10'],
    ['bytes=-2', 'ij', 'bytes 8-9/10'],
    ['bytes=8-100', 'ij', 'bytes 8-9/10'],
  ])('Range %s gets a part (206)', async (Range, part, contentRange) => {
    await put('uploads/range', 'abcdefghij');
    const answer = await get('uploads/range', { Range });
    expect(answer.$metadata.httpStatusCode).toBe(206);
    expect(answer).toMatchObject({ ContentRange: contentRange, ContentLength: part.length });
    expect(await answer.Body?.transformToString()).toBe(part);
  });

  test('a Range behind the end is InvalidRange (416)', async () => {
    await put('uploads/range', 'abcdefghij');
    await expect(get('uploads/range', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  test('a missing object is NoSuchKey to who may list the bucket', async () => {
    await expect(get('nothing')).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
    const head = new HeadObjectCommand({ Bucket, Key: 'nothing' });
    await expect(client.send(head)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  test.skipIf(onAws)('and AccessDenied to who may not (skipped with TARGET=aws: needs a role)', async () => {
    const hidden = target.blind?.send(new GetObjectCommand({ Bucket, Key: 'nothing' }));
    const message = expect.stringContaining('s3:ListBucket');
    await expect(hidden).rejects.toMatchObject({ name: 'AccessDenied', message });
    const head = target.blind?.send(new HeadObjectCommand({ Bucket, Key: 'nothing' }));
    await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  test('two writers at once leave one object whole', async () => {
    const bodies = Array.from({ length: 20 }, (_, i) => Buffer.alloc(100_000, i));
    await Promise.all(bodies.map((body) => put('uploads/raced', body)));
    const { Body, ETag } = await get('uploads/raced');
    expect(etagOf(Buffer.from((await Body?.transformToByteArray()) ?? []))).toBe(ETag);
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
describe('checksums', () => {
  test('a stream comes framed with a trailing CRC-32: the frame is taken off', async () => {
    const body = Buffer.alloc(200_000, 'abc');
    const chunks = [body.subarray(0, 70_000), body.subarray(70_000)];
    await put('uploads/stream', Readable.from(chunks), { ContentLength: body.length });
    const { Body, ETag } = await get('uploads/stream');
    expect(ETag).toBe(etagOf(body));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  });

  test('a body that does not have its CRC-32 is a BadDigest', async () => {
    const wrong = put('uploads/bad', 'hello', { ChecksumCRC32: 'AAAAAA==' });
    await expect(wrong).rejects.toMatchObject({ name: 'BadDigest', $metadata: { httpStatusCode: 400 } });
    await expect(get('uploads/bad')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

const photo = Buffer.from('a photo!');

/** A form as createUpload signs it: for this type and exactly this length. */
function presign(change: Partial<PresignedPostOptions> = {}) {
  const Conditions: PresignedPostOptions['Conditions'] = [['content-length-range', photo.length, photo.length]];
  const Fields = { 'Content-Type': 'image/jpeg' };
  return createPresignedPost(client, { Bucket, Key: 'uploads/form', Expires: 300, Fields, Conditions, ...change });
}

async function post(url: string, fields: Record<string, string>, file = photo, headers = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(file)]), 'photo.jpg');
  const answer = await fetch(url, { method: 'POST', body: form, headers });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
describe('a presigned POST', () => {
  test('stores the file under the key and type of the form (204, ETag)', async () => {
    const { url, fields } = await presign();
    const answer = await post(url, fields);
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(answer.headers.get('etag')).toBe(etagOf(photo));
    expect(await get('uploads/form')).toMatchObject({ ContentType: 'image/jpeg', ContentLength: photo.length });
  });

  test.each([
    ['a byte too long', Buffer.from('a photo!!'), 'EntityTooLarge'],
    ['a byte too short', Buffer.from('a photo'), 'EntityTooSmall'],
  ])('refuses a file that is %s (400)', async (_, file, code) => {
    const { url, fields } = await presign({ Key: 'uploads/length' });
    const answer = await post(url, fields, file);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(`<Code>${code}</Code>`);
    await expect(get('uploads/length')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test.each([
    ['key', 'uploads/another'],
    ['Content-Type', 'text/html'],
    ['x-amz-meta-owner', 'someone'],
  ])('refuses a form whose %s the policy does not have (403 AccessDenied)', async (name, value) => {
    const { url, fields } = await presign({ Key: 'uploads/changed' });
    const answer = await post(url, { ...fields, [name]: value });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    await expect(get('uploads/changed')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('refuses a policy that was changed after it was signed (403 SignatureDoesNotMatch)', async () => {
    const { url, fields } = await presign();
    const policy = Buffer.from(fields.Policy ?? '', 'base64').toString();
    const Policy = Buffer.from(policy.replace('uploads/form', 'uploads/fork')).toString('base64');
    const answer = await post(url, { ...fields, key: 'uploads/fork', Policy });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('<Code>SignatureDoesNotMatch</Code>')]);
  });

  test('refuses a policy whose time is up (403 AccessDenied)', async () => {
    const { url, fields } = await presign({ Expires: -1 });
    const answer = await post(url, fields);
    expect([answer.status, answer.text]).toEqual([403, expect.stringMatching(/AccessDenied.*[Ee]xpired/s)]);
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
describe('CORS', () => {
  async function preflight(origin: string, method: string, headers?: string) {
    const { url } = await presign();
    const asked = new Headers({ origin, 'access-control-request-method': method });
    if (headers) asked.set('access-control-request-headers', headers);
    return await fetch(url, { method: 'OPTIONS', headers: asked });
  }

  test("a preflight tells what the bucket's rule allows", async () => {
    const answer = await preflight('https://app.example.com', 'POST', 'Content-Type, content-md5');
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, content-md5',
      'access-control-max-age': '3000',
      vary: expect.stringContaining('Origin'),
    });
  });

  test.each([
    ['origin', ['https://example.org', 'POST']],
    ['method', ['https://app.example.com', 'PUT']],
    ['header', ['https://app.example.com', 'POST', 'x-other']],
  ] as const)('a preflight for another %s is refused (403)', async (_, [origin, method, headers]) => {
    const answer = await preflight(origin, method, headers);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('the answer to a form names the origin that the rule allows, and no other', async () => {
    const { url, fields } = await presign();
    const from = async (origin: string) => (await post(url, fields, photo, { origin })).headers;
    const allowed = await from('https://app.example.com');
    expect(allowed.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect((await from('https://example.org')).get('access-control-allow-origin')).toBeNull();
  });
});
