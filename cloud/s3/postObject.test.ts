import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveEngine } from '../../test/support/serveEngine.ts';
import { startS3 } from './startS3.ts';

const accessKeyId = 'AKIALOCALCREATEUPLOAD';
const secretAccessKey = 'the-secret';
const dataDir = await mkdtemp(join(tmpdir(), 's3-post-test-'));
const s3 = startS3({
  dataDir,
  secretOf: (id) => (id.startsWith('AKIALOCAL') ? secretAccessKey : undefined),
  mayPut: (id, arn) => id === accessKeyId && arn.startsWith('arn:aws:s3:::photos/uploads/'),
});
let server: Awaited<ReturnType<typeof serveEngine>>;

beforeAll(async () => {
  const corsRules = [{ AllowedOrigins: ['*'], AllowedMethods: ['POST'] }];
  await s3.createBucket({ name: 'photos', corsRules });
  await s3.createBucket({ name: 'others' });
  server = await serveEngine(s3.engine);
});
afterAll(async () => {
  await server.stop();
  await s3.stop();
  await rm(dataDir, { recursive: true });
});

function clientOf(credentials = { accessKeyId, secretAccessKey }): S3Client {
  const options = { region: 'us-east-1', endpoint: server.url, credentials, maxAttempts: 1 };
  return new S3Client({ ...options, requestChecksumCalculation: 'WHEN_REQUIRED' });
}

const photo = Buffer.from('a photo!');

/** A form as createUpload signs it: for this type and exactly this length. */
function presign(change: Partial<PresignedPostOptions> = {}, client = clientOf()) {
  return createPresignedPost(client, {
    Bucket: 'photos',
    Key: 'uploads/alice/1',
    Expires: 300,
    Fields: { 'Content-Type': 'image/jpeg' },
    Conditions: [
      ['content-length-range', photo.length, photo.length],
      ['eq', '$Content-Type', 'image/jpeg'],
    ],
    ...change,
  });
}

async function post(
  url: string,
  fields: Record<string, string | undefined>,
  file: Buffer | undefined = photo,
  headers = {},
) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, value);
  if (file) form.append('file', new Blob([new Uint8Array(file)]), 'photo.jpg');
  const answer = await fetch(url, { method: 'POST', body: form, headers });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** The form with its policy changed after it was signed, or signed anew by whoever knows the secret. */
function withPolicy(
  fields: Record<string, string>,
  change: (policy: Record<string, unknown>) => unknown,
  sign: boolean,
) {
  const policy = JSON.parse(Buffer.from(fields.Policy ?? '', 'base64').toString());
  const Policy = Buffer.from(JSON.stringify(change(policy))).toString('base64');
  const scope = (fields['X-Amz-Credential'] ?? '').split('/').slice(1);
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const signature = hmac(scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`), Policy).toString('hex');
  return { ...fields, Policy, ...(sign && { 'X-Amz-Signature': signature }) };
}

async function stored(Key = 'uploads/alice/1') {
  const admin = clientOf({ accessKeyId: 'AKIALOCALADMIN', secretAccessKey });
  const { Body, ContentType } = await admin.send(new GetObjectCommand({ Bucket: 'photos', Key }));
  return { body: await Body?.transformToString(), type: ContentType };
}

describe('a presigned POST', () => {
  test('stores the file under the key and type of the form (204, ETag)', async () => {
    const { url, fields } = await presign();
    const answer = await post(url, fields, photo, { origin: 'https://app.example.com' });
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(answer.headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(await stored()).toEqual({ body: 'a photo!', type: 'image/jpeg' });
  });

  test.each([
    ['200', 200],
    ['201', 201],
    ['418', 204],
  ])('answers success_action_status %s with %i', async (asked, status) => {
    const Fields = { 'Content-Type': 'image/jpeg', success_action_status: asked };
    const { url, fields } = await presign({ Fields });
    const answer = await post(url, fields);
    expect(answer.status).toBe(status);
    expect(answer.text.includes('<Key>uploads/alice/1</Key>')).toBe(status === 201);
  });

  test('takes any end of a key where the policy says starts-with', async () => {
    const Conditions = [['starts-with' as const, '$key', 'uploads/bob/'] as ['starts-with', string, string]];
    const { url, fields } = await presign({ Key: 'uploads/bob/2', Fields: {}, Conditions });
    const free = withPolicy(fields, (policy) => ({ ...policy, conditions: without(policy, 'key') }), true);
    expect((await post(url, { ...free, key: 'uploads/bob/3' })).status).toBe(204);
    expect(await stored('uploads/bob/3')).toEqual({ body: 'a photo!', type: 'binary/octet-stream' });
    const elsewhere = await post(url, { ...free, key: 'uploads/carol/3' });
    expect(elsewhere.text).toContain('Invalid according to Policy: Policy Condition failed: ["starts-with","$key"');
  });

  test('ignores what comes behind the file', async () => {
    const { url, fields } = await presign();
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob([new Uint8Array(photo)]), 'photo.jpg');
    form.append('key', 'uploads/alice/other');
    form.append('file', new Blob(['another']), 'photo.jpg');
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204);
  });

  test('stores a file of 20 MB unchanged', async () => {
    const large = Buffer.alloc(20 * 1024 * 1024, '\r\n--x');
    const { url, fields } = await presign({ Conditions: [['content-length-range', 1, large.length]] });
    expect((await post(url, fields, large)).status).toBe(204);
    expect((await stored()).body?.length).toBe(large.length);
  });
});

function without(policy: Record<string, unknown>, field: string): unknown[] {
  const conditions = Array.isArray(policy.conditions) ? policy.conditions : [];
  return conditions.filter((condition) => Array.isArray(condition) || !Object.hasOwn(condition, field));
}

describe('a POST is refused', () => {
  const policyFailed = /<Code>AccessDenied<\/Code><Message>Invalid according to Policy: Policy Condition failed: /;

  test.each([
    [
      'one byte too long',
      Buffer.concat([photo, photo]),
      400,
      /<Code>EntityTooLarge<.*<ProposedSize>16<.*<MaxSizeAllowed>8</,
    ],
    ['one byte too short', photo.subarray(1), 400, /<Code>EntityTooSmall<.*<ProposedSize>7<.*<MinSizeAllowed>8</],
  ])('with a file %s', async (_, file, status, text) => {
    const { url, fields } = await presign();
    expect(await post(url, fields, file)).toMatchObject({ status, text: expect.stringMatching(text) });
  });

  test.each([
    ['another key', { key: 'uploads/alice/2' }],
    ['another type', { 'Content-Type': 'text/html' }],
    ['no type', { 'Content-Type': undefined }],
  ])('with %s than the policy says', async (_, change) => {
    const { url, fields } = await presign();
    const answer = await post(url, { ...fields, ...change });
    expect(answer).toMatchObject({ status: 403, text: expect.stringMatching(policyFailed) });
  });

  test('to another bucket than the policy says', async () => {
    const { fields } = await presign();
    expect((await post(`${server.url}/others`, fields)).text).toMatch(policyFailed);
  });

  test('after the policy expired', async () => {
    const { url, fields } = await presign({ Expires: -1 });
    const answer = await post(url, fields);
    expect(answer).toMatchObject({
      status: 403,
      text: expect.stringContaining('Invalid according to Policy: Policy expired.'),
    });
  });

  test('with a policy changed after it was signed', async () => {
    const { url, fields } = await presign();
    const longer = withPolicy(fields, (policy) => ({ ...policy, expiration: '2099-01-01T00:00:00Z' }), false);
    const answer = await post(url, longer);
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('<Code>SignatureDoesNotMatch</Code>') });
  });

  test.each([
    ['another secret', { accessKeyId, secretAccessKey: 'guessed' }, 'SignatureDoesNotMatch'],
    ['a key that there is not', { accessKeyId: 'AKIAFOREIGN', secretAccessKey }, 'InvalidAccessKeyId'],
    ['a key that may not s3:PutObject there', { accessKeyId: 'AKIALOCALOTHER', secretAccessKey }, 'AccessDenied'],
  ])('signed with %s', async (_, credentials, code) => {
    const { url, fields } = await presign({}, clientOf(credentials));
    expect(await post(url, fields)).toMatchObject({
      status: 403,
      text: expect.stringContaining(`<Code>${code}</Code>`),
    });
  });

  test.each(['', '00', 'no hex'])('with the signature "%s"', async (signature) => {
    const { url, fields } = await presign();
    const answer = await post(url, { ...fields, 'X-Amz-Signature': signature });
    expect(answer.text).toContain('<Code>SignatureDoesNotMatch</Code>');
  });

  test('signed for another service', async () => {
    const { url, fields } = await presign();
    const change = { 'X-Amz-Credential': (fields['X-Amz-Credential'] ?? '').replace('/s3/', '/sqs/') };
    const signed = withPolicy({ ...fields, ...change }, (policy) => policy, true);
    expect((await post(url, signed)).text).toContain('<Code>SignatureDoesNotMatch</Code>');
  });

  test('with a field that the policy does not name', async () => {
    const { url, fields } = await presign();
    const answer = await post(url, { ...fields, acl: 'public-read' });
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('Extra input fields: acl') });
  });

  test('by name with a field that is not emulated, though the policy allows it', async () => {
    const { url, fields } = await presign({ Fields: { 'Content-Type': 'image/jpeg', acl: 'private' } });
    expect(await post(url, fields)).toMatchObject({ status: 501, text: expect.stringContaining('form field acl') });
    const named = await presign({ Key: `uploads/$\{filename}` });
    expect((await post(named.url, named.fields)).status).toBe(501);
  });

  test.each([
    ['without a policy', { Policy: undefined }, 403, 'AccessDenied'],
    ['without a key', { key: undefined }, 403, 'AccessDenied'],
  ])('%s', async (_, change, status, code) => {
    const { url, fields } = await presign();
    expect(await post(url, { ...fields, ...change })).toMatchObject({ status, text: expect.stringContaining(code) });
  });

  test.each([
    ['no expiration', (policy: object) => ({ ...policy, expiration: undefined })],
    ['an unknown operator', (policy: object) => ({ ...policy, conditions: [['ends-with', '$key', 'x']] })],
    ['an unknown member', (policy: object) => ({ ...policy, version: 2 })],
  ])('with a policy that has %s', async (_, change) => {
    const { url, fields } = await presign();
    const answer = await post(url, withPolicy(fields, change, true));
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('<Code>InvalidPolicyDocument</Code>') });
  });

  test('without a file', async () => {
    const { url, fields } = await presign();
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    const answer = await fetch(url, { method: 'POST', body: form });
    expect(await answer.text()).toContain('POST requires exactly one file upload per request.');
  });

  test('with a field twice', async () => {
    const { url, fields } = await presign();
    const form = new FormData();
    for (const [name, value] of [...Object.entries(fields), ['Key', 'uploads/alice/1']]) form.append(name!, value!);
    form.append('file', new Blob([new Uint8Array(photo)]), 'photo.jpg');
    expect(await (await fetch(url, { method: 'POST', body: form })).text()).toContain(
      '<Code>MalformedPOSTRequest</Code>',
    );
  });

  test.each([
    ['application/json', '{}', 412, 'PreconditionFailed'],
    ['multipart/form-data', 'x', 400, 'MalformedPOSTRequest'],
    [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nx',
      400,
      'MalformedPOSTRequest',
    ],
    [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nx',
      400,
      'MalformedPOSTRequest',
    ],
  ])('as %s with the body %j', async (type, body, status, code) => {
    const answer = await fetch(`${server.url}/photos`, { method: 'POST', headers: { 'content-type': type }, body });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(`<Code>${code}</Code>`);
  });

  test('to a bucket that there is not', async () => {
    const { fields } = await presign();
    expect(await post(`${server.url}/nowhere`, fields)).toMatchObject({ status: 404 });
  });
});
