import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveEngine } from '../../test/support/serveEngine.ts';
import { startS3 } from './startS3.ts';

const dataDir = await mkdtemp(join(tmpdir(), 's3-test-'));
const s3 = startS3({ dataDir, secretOf: () => 'secret' });
const corsRules = [
  { AllowedOrigins: ['https://*.example.com'], AllowedMethods: ['POST'], AllowedHeaders: ['content-*'], MaxAge: 3000 },
  { AllowedOrigins: ['*'], AllowedMethods: ['GET'], ExposedHeaders: ['ETag'] },
];
let server: Awaited<ReturnType<typeof serveEngine>>;
let client: S3Client;

function clientOf(accessKeyId: string): S3Client {
  const credentials = { accessKeyId, secretAccessKey: 'secret' };
  return new S3Client({ region: 'us-east-1', endpoint: server.url, credentials, maxAttempts: 1 });
}

beforeAll(async () => {
  await s3.createBucket({ name: 'photos', corsRules });
  server = await serveEngine(s3.engine);
  client = clientOf('AKIALOCALADMIN');
});
afterAll(async () => {
  await server.stop();
  await s3.stop();
  await rm(dataDir, { recursive: true });
});

const put = (Key: string, Body: PutObjectCommandInput['Body'], more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket: 'photos', Key, Body, ...more }));
const get = (Key: string, more = {}) => client.send(new GetObjectCommand({ Bucket: 'photos', Key, ...more }));

/** A call as a program without the SDK makes it; the test server does not check its signature. */
function raw(path: string, init: RequestInit = {}): Promise<Response> {
  const authorization = 'AWS4-HMAC-SHA256 Credential=AKIALOCALADMIN/20260101/us-east-1/s3/aws4_request';
  return fetch(`${server.url}${path}`, { ...init, headers: { authorization, ...init.headers } });
}

describe('objects', () => {
  test('a key with a way up in it stays in the directory of its bucket', async () => {
    const path = '/photos/..%2f..%2fescaped';
    expect((await raw(path, { method: 'PUT', body: 'x' })).status).toBe(200);
    expect(await (await raw(path)).text()).toBe('x');
    expect(await readdir(dataDir)).not.toContain('escaped');
    expect((await readdir(join(dataDir, 'photos'))).every((name) => /^([0-9a-f]{64}|\.partial)$/.test(name))).toBe(
      true,
    );
  });

  test('several Ranges are NotImplemented', async () => {
    await put('uploads/range', 'abcdefghij');
    await expect(get('uploads/range', { Range: 'bytes=0-1,3-4' })).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  test('an unsigned call has no access', async () => {
    const answer = await fetch(`${server.url}/photos/uploads/a`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>AccessDenied</Code>');
  });

  test('objects survive a restart; what a crash left half written goes', async () => {
    await put('uploads/kept', 'kept', { ContentType: 'image/png' });
    await writeFile(join(dataDir, 'photos', '.partial', 'half'), 'ha');
    const again = startS3({ dataDir, secretOf: () => 'secret' });
    await again.createBucket({ name: 'photos' });
    const restarted = await serveEngine(again.engine);
    const answer = await fetch(`${restarted.url}/photos/uploads/kept`, {
      headers: { authorization: 'Credential=AK/' },
    });
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(await answer.text()).toBe('kept');
    expect(await readdir(join(dataDir, 'photos', '.partial'))).toEqual([]);
    await restarted.stop();
    await again.stop();
  });

  test('a file is readable by its owner alone', async () => {
    await put('uploads/private', 'x');
    const file = createHash('sha256').update('uploads/private').digest('hex');
    expect((await stat(join(dataDir, 'photos', file))).mode & 0o777).toBe(0o600);
  });
});

describe('checksums', () => {
  const framed = {
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '5',
    'x-amz-trailer': 'x-amz-checksum-crc32',
  };
  test.each([
    ['a wrong trailing CRC-32', '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', {}, 'BadDigest'],
    ['no trailer', '5\r\nhello\r\n0\r\n\r\n', {}, 'MalformedTrailerError'],
    ['a chunk cut short', '5\r\nhel', {}, 'IncompleteBody'],
    ['no last chunk', '5\r\nhello\r\n', {}, 'IncompleteBody'],
    ['no frame', 'hello', {}, 'IncompleteBody'],
    ['another length than announced', '4\r\nhell\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', {}, 'IncompleteBody'],
    ['signed chunks', '', { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }, 'NotImplemented'],
    ['another checksum behind', '', { 'x-amz-trailer': 'x-amz-checksum-sha256' }, 'NotImplemented'],
  ])('a framed body with %s is refused', async (_, body, headers, code) => {
    const answer = await raw('/photos/uploads/framed', { method: 'PUT', headers: { ...framed, ...headers }, body });
    expect(await answer.text()).toContain(`<Code>${code}</Code>`);
  });

  test('a body of more than 32 MB is refused', async () => {
    const answer = await raw('/photos/uploads/big', { method: 'PUT', body: Buffer.alloc(32 * 1024 * 1024 + 1) });
    expect(await answer.text()).toContain('<Code>EntityTooLarge</Code>');
  });
});

describe('what is not emulated is refused by name', () => {
  test.each([
    ['a list', () => client.send(new ListObjectsV2Command({ Bucket: 'photos' })), /list-type/],
    ['another checksum', () => put('a', 'x', { ChecksumAlgorithm: 'SHA256' }), /x-amz-checksum-sha256/],
    ['metadata of the user', () => put('a', 'x', { Metadata: { owner: 'alice' } }), /x-amz-meta-owner/],
    ['an ACL', () => put('a', 'x', { ACL: 'public-read' }), /x-amz-acl/],
    ['Cache-Control', () => put('a', 'x', { CacheControl: 'no-store' }), /cache-control/],
    ['a conditional write', () => put('a', 'x', { IfNoneMatch: '*' }), /if-none-match/],
    ['a write on If-Match', () => put('a', 'x', { IfMatch: '"x"' }), /if-match/],
    ['a version', () => get('a', { VersionId: '1' }), /versionId/],
  ])('%s', async (_, call, name) => {
    await expect(call()).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringMatching(name),
      $metadata: { httpStatusCode: 501 },
    });
  });

  test('a presigned GET', async () => {
    expect(await (await raw('/photos/a?X-Amz-Signature=abc')).text()).toContain('X-Amz-Signature');
  });
});

describe('grants', () => {
  test.each([
    ['PUT', '/photos/uploads/a%20b', 's3:PutObject', 'arn:aws:s3:::photos/uploads/a b'],
    ['GET', '/photos/uploads/a', 's3:GetObject', 'arn:aws:s3:::photos/uploads/a'],
    ['HEAD', '/photos/uploads/a', 's3:GetObject', 'arn:aws:s3:::photos/uploads/a'],
    ['DELETE', '/photos/uploads/a', 's3:DeleteObject', 'arn:aws:s3:::photos/uploads/a'],
    ['HEAD', '/photos', 's3:ListBucket', 'arn:aws:s3:::photos'],
  ])('%s %s takes %s', (method, path, action, resource) => {
    const call = { service: 's3', accessKeyId: 'AK', headers: {}, body: Buffer.alloc(0) };
    const url = new URL(path, 'http://127.0.0.1');
    expect(s3.engine.requiredGrants({ ...call, method, url })).toEqual([{ action, resource }]);
  });

  test.each(['POST', 'OPTIONS'])('%s to a bucket takes none of its sender', (method) => {
    const call = { service: 's3', accessKeyId: undefined, headers: {}, body: Buffer.alloc(0) };
    expect(s3.engine.requiredGrants({ ...call, method, url: new URL('http://127.0.0.1/photos') })).toEqual([]);
  });

  test("the gateway's refusal is XML", () => {
    const answer = s3.engine.errorAnswer(403, 'AccessDenied', 'a < b');
    expect(answer).toMatchObject({ status: 403, headers: { 'content-type': 'application/xml' } });
    expect(String(answer.body)).toContain('<Error><Code>AccessDenied</Code><Message>a &lt; b</Message></Error>');
  });
});

describe('CORS', () => {
  const preflight = (path: string, origin: string, method: string, headers?: string) =>
    fetch(`${server.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        ...(headers && { 'access-control-request-headers': headers }),
      },
    });

  test('an answer and an error name the origin, and what the page may see', async () => {
    await put('uploads/cors', 'x');
    for (const path of ['/photos/uploads/cors', '/photos/nothing']) {
      const { headers } = await raw(path, { headers: { origin: 'https://anyone.test' } });
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-expose-headers')).toBe('ETag');
    }
  });

  test('an answer to another origin, or to a bucket without rules, names none', async () => {
    const posted = await raw('/photos', { method: 'POST', headers: { origin: 'https://example.org' } });
    expect(posted.headers.get('access-control-allow-origin')).toBeNull();
    await s3.createBucket({ name: 'closed' });
    expect((await preflight('/closed', 'https://app.example.com', 'POST')).status).toBe(403);
  });
});

describe('the run', () => {
  test('uploads the files among its assets', async () => {
    await writeFile(join(dataDir, 'model.onnx'), 'weights');
    await s3.uploadAssets([
      { bucket: 'assets', key: 'model.onnx', path: join(dataDir, 'model.onnx') },
      { bucket: 'assets', key: 'code.zip', path: dataDir },
    ]);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'assets', Key: 'model.onnx' }));
    expect(await Body?.transformToString()).toBe('weights');
    // A directory is read where it lies.
    const code = client.send(new GetObjectCommand({ Bucket: 'assets', Key: 'code.zip' }));
    await expect(code).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('sweeps what has outlived the rule of its prefix', async () => {
    await s3.createBucket({ name: 'swept', lifecycleDays: { 'uploads/': 1, 'handover/': 2 } });
    const keys = ['uploads/a', 'handover/a', 'kept/a'];
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: 'swept', Key, Body: 'x' }));
    async function left(days: number): Promise<string[]> {
      await s3.sweepExpired(Date.now() + days * 24 * 60 * 60 * 1000);
      const heads = keys.map((Key) => client.send(new HeadObjectCommand({ Bucket: 'swept', Key })));
      const found = await Promise.allSettled(heads);
      return keys.filter((_, i) => found[i]?.status === 'fulfilled');
    }
    expect(await left(0.9)).toEqual(keys);
    expect(await left(1.1)).toEqual(['handover/a', 'kept/a']);
    expect(await left(2.1)).toEqual(['kept/a']);
  });
});
