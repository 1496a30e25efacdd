import { createHmac, randomUUID } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { REGION, SECRET_ACCESS_KEY } from '../../cloud/engine.ts';
import { admin } from '../support/admin.ts';
import { accessKeyOf, ask, type Caller, withToken } from '../support/callers.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';

const run = useCloud();
let user: Caller;
beforeAll(async () => {
  user = withToken(await run.cloud.token('mallory'));
});

const upload = z.object({
  imageKey: z.string(),
  url: z.string(),
  fields: z.array(z.object({ name: z.string(), value: z.string() })),
  expiresAt: z.iso.datetime(),
});
type Upload = z.infer<typeof upload>;

const mutation = `mutation ($input: CreateUploadInput!) {
  createUpload(input: $input) { imageKey url fields { name value } expiresAt }
}`;
const askForUpload = (input: object) => ask(run.cloud, user, mutation, { input });

async function createUpload(input: object = {}): Promise<Upload> {
  const answer = await askForUpload({ contentType: 'image/jpeg', contentLength: samplePhoto.length, ...input });
  return upload.parse(answer.data?.createUpload);
}

interface Form {
  url: string;
  fields: Map<string, string>;
  file: Uint8Array<ArrayBuffer>;
  fileName: string;
}

/** Sends the form that createUpload asks for, but for what `change` does to it. @returns S3's code, or '' */
async function post({ url, fields }: Upload, change: (form: Form) => void = () => {}): Promise<string> {
  const asked = new Map(fields.map(({ name, value }) => [name, value]));
  const sent: Form = { url, fields: asked, file: samplePhoto, fileName: 'photo.jpg' };
  change(sent);
  const form = new FormData();
  for (const [name, value] of sent.fields) form.append(name, value);
  form.append('file', new Blob([sent.file]), sent.fileName);
  const answer = await fetch(sent.url, { method: 'POST', body: form });
  const code = /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1] ?? '';
  expect([answer.ok, code]).toEqual([code === '', code]);
  return code;
}

async function exists(Key: string): Promise<boolean> {
  const { s3 } = admin(run.cloud);
  try {
    await s3.send(new HeadObjectCommand({ Bucket: run.cloud.outputs.UploadBucketName, Key }));
    return true;
  } catch {
    return false;
  } finally {
    s3.destroy();
  }
}

const policyOf = (fields: Map<string, string>): { expiration: string; conditions: unknown[] } =>
  JSON.parse(Buffer.from(fields.get('Policy') ?? '', 'base64').toString());
const encode = (policy: object) => Buffer.from(JSON.stringify(policy)).toString('base64');

/** As its signer would have done it, or somebody who stole the signer's secret. */
function signAnew({ fields }: Form, policy: object): void {
  const [, ...scope] = (fields.get('X-Amz-Credential') ?? '').split('/');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const signingKey = scope.reduce<string | Buffer>(hmac, `AWS4${SECRET_ACCESS_KEY}`);
  fields.set('Policy', encode(policy));
  fields.set('X-Amz-Signature', hmac(signingKey, encode(policy)).toString('hex'));
}

describe('an upload', () => {
  test('as it was asked for is stored under its own key, whatever the file is called', async () => {
    const own = await createUpload();
    expect(own.imageKey).toMatch(/^uploads\/cognito\/[0-9a-f-]{36}\/[0-9a-f-]{36}$/);
    expect(
      await post(own, (form) => {
        form.fileName = '../../../etc/passwd\r\nX-Injected: 1';
      }),
    ).toBe('');
    expect(await exists(own.imageKey)).toBe(true);
  });

  const anotherUuid = (key: string) => key.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const someoneElses = `uploads/cognito/${randomUUID()}/${randomUUID()}`;
  test.each<[string, (form: Form) => void, string]>([
    ['under another key of mine', ({ fields }) => changeKey(fields, anotherUuid), 'AccessDenied'],
    ["under someone else's key", ({ fields }) => changeKey(fields, () => someoneElses), 'AccessDenied'],
    ['under a key with .. in it', ({ fields }) => changeKey(fields, (key) => `${key}/../../x`), 'AccessDenied'],
    ['under the name of the file', ({ fields }) => changeKey(fields, () => `uploads/\${filename}`), 'AccessDenied'],
    ['of another type', ({ fields }) => fields.set('Content-Type', 'text/html'), 'AccessDenied'],
    ['without its type', ({ fields }) => fields.delete('Content-Type'), 'AccessDenied'],
    ['that is a byte longer', (form) => resize(form, 1), 'EntityTooLarge'],
    ['that is a byte shorter', (form) => resize(form, -1), 'EntityTooSmall'],
    ['that is empty', (form) => resize(form, -samplePhoto.length), 'EntityTooSmall'],
    ['with a field nobody asked for', ({ fields }) => fields.set('acl', 'public-read'), 'AccessDenied'],
    ['with a redirect', ({ fields }) => fields.set('success_action_redirect', 'https://evil.example'), 'AccessDenied'],
    ['without a policy', ({ fields }) => fields.delete('Policy'), 'AccessDenied'],
    ['without a signature', ({ fields }) => fields.delete('X-Amz-Signature'), 'SignatureDoesNotMatch'],
    ['with a policy of its own', ({ fields }) => loosen(fields), 'SignatureDoesNotMatch'],
    ['signed by nobody', ({ fields }) => signAs(fields, 'AKIALOCALnobody'), 'InvalidAccessKeyId'],
    ['to another bucket', (form) => toBucket(form, assets()), 'AccessDenied'],
    ['to a bucket that is none', (form) => toBucket(form, 'nothing-here'), 'NoSuchBucket'],
    ['that has expired', (form) => expire(form), 'AccessDenied'],
    ['signed by a role that may not put photos', (form) => signByReader(form), 'AccessDenied'],
    ['with wider limits, signed by a role that may not put them there', (form) => leaveUploads(form), 'AccessDenied'],
  ])('%s is refused, and nothing is stored', async (_, change, code) => {
    const own = await createUpload();
    let key = own.imageKey;
    const changed = (form: Form) => {
      change(form);
      key = form.fields.get('key') ?? '';
    };
    expect(await post(own, changed)).toBe(code);
    expect(await exists(own.imageKey)).toBe(false);
    expect(await exists(key)).toBe(false);
  });

  test('can be made for ten minutes, and not a second longer than it says', async () => {
    const own = await createUpload();
    const { expiration, conditions } = policyOf(new Map(own.fields.map(({ name, value }) => [name, value])));
    const seconds = (Date.parse(expiration) - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(9 * 60);
    expect(seconds).toBeLessThanOrEqual(10 * 60);
    expect(Math.abs(Date.parse(expiration) - Date.parse(own.expiresAt))).toBeLessThan(2000);
    expect(conditions).toContainEqual(['content-length-range', samplePhoto.length, samplePhoto.length]);
    expect(conditions).toContainEqual({ key: own.imageKey });
    expect(conditions).toContainEqual({ bucket: run.cloud.outputs.UploadBucketName });
  });

  test('used once more after submitting does not slip in another photo', async () => {
    const own = await createUpload();
    await post(own);
    const inference = accessKeyOf(run.cloud, 'inference');
    run.cloud.faults.gateway(async ({ accessKeyId, headers }) => {
      if (accessKeyId !== inference || !headers['if-match']) return undefined;
      run.cloud.faults.gateway(undefined);
      const replaced = await post(own, (form) => {
        form.file = samplePhoto.map((byte, index) => (index === samplePhoto.length - 1 ? byte ^ 1 : byte));
      });
      expect(replaced).toBe('');
      return undefined;
    });
    const client = run.clientOf('mallory');
    const { requestId } = await client.submitKey(own.imageKey);
    for await (const _ of client.watch(requestId));
    const message = expect.stringMatching(/replaced after it was submitted\. Upload it again/);
    const error = { code: 'ImageChanged', message, retryable: false };
    expect(await client.result(requestId)).toMatchObject({ status: 'FAILED', error, predictions: [] });
    await vi.waitFor(async () => expect(await exists(own.imageKey)).toBe(false));
  });

  const assets = () => `cdk-hnb659fds-assets-000000000000-${REGION}`;
  const changeKey = (fields: Form['fields'], change: (key: string) => string) =>
    fields.set('key', change(fields.get('key') ?? ''));
  const resize = (form: Form, by: number) => {
    form.file = new Uint8Array(samplePhoto.length + by);
  };
  const loosen = (fields: Form['fields']) => {
    const { expiration, conditions } = policyOf(fields);
    fields.set('Policy', encode({ expiration, conditions: [...conditions, ['starts-with', '$key', '']] }));
  };
  const signAs = (fields: Form['fields'], accessKeyId: string) =>
    fields.set('X-Amz-Credential', (fields.get('X-Amz-Credential') ?? '').replace(/^[^/]+/, accessKeyId));
  const toBucket = (form: Form, bucket: string) => {
    form.url = `${new URL(form.url).origin}/${bucket}`;
  };
  const expire = (form: Form) =>
    signAnew(form, { ...policyOf(form.fields), expiration: new Date(Date.now() - 1000).toISOString() });
  const signByReader = (form: Form) => {
    const reader = accessKeyOf(run.cloud, 'getResult');
    const conditions = JSON.stringify(policyOf(form.fields).conditions).replace(/AKIALOCAL\w+/, reader);
    signAs(form.fields, reader);
    signAnew(form, { ...policyOf(form.fields), conditions: JSON.parse(conditions) });
  };
  /** The role of createUpload itself, were it led astray: it may put photos, and nothing beside them. */
  const leaveUploads = (form: Form) => {
    const { fields } = form;
    fields.set('key', `handover/${randomUUID()}`);
    const { expiration, conditions } = policyOf(fields);
    const others = conditions.filter((condition) => !(JSON.stringify(condition) ?? '').startsWith('{"key"'));
    signAnew(form, { expiration, conditions: [...others, ['starts-with', '$key', '']] });
  };
});

describe('createUpload', () => {
  test.each([
    ['an HTML page', { contentType: 'text/html', contentLength: 10 }, 'UnsupportedImage'],
    ['an SVG', { contentType: 'image/svg+xml', contentLength: 10 }, 'UnsupportedImage'],
    ['a type in capitals', { contentType: 'IMAGE/JPEG', contentLength: 10 }, 'UnsupportedImage'],
    ['a type with a header behind it', { contentType: 'image/jpeg\r\nX-A: b', contentLength: 10 }, 'UnsupportedImage'],
    ['no bytes', { contentType: 'image/jpeg', contentLength: 0 }, 'InvalidInput'],
    ['fewer than no bytes', { contentType: 'image/jpeg', contentLength: -1 }, 'InvalidInput'],
    ['a byte more than 20 MB', { contentType: 'image/jpeg', contentLength: 20 * 1024 * 1024 + 1 }, 'ImageTooLarge'],
  ])('refuses %s', async (_, input, errorType) => {
    const { data, errors } = await askForUpload(input);
    expect([data ?? null, errors?.[0]?.errorType]).toEqual([null, errorType]);
  });

  test('takes image/jpg for image/jpeg', async () => {
    const { data } = await askForUpload({ contentType: 'image/jpg', contentLength: 10 });
    expect(JSON.stringify(data)).toContain('{"name":"Content-Type","value":"image/jpeg"}');
  });

  test('says of a type that is not taken what it is and what to do', async () => {
    const { errors } = await askForUpload({ contentType: 'image/heic', contentLength: 10 });
    expect(errors?.[0]?.message).toMatch(/^This is a HEIC picture\. .*Settings › Camera › Formats › Most Compatible/);
  });

  test.each([[2 ** 31], [1.5], ['1000'], [null]])('takes no length of %s', async (contentLength) => {
    const { data, errors } = await askForUpload({ contentType: 'image/jpeg', contentLength });
    expect([data ?? null, errors?.length]).toEqual([null, 1]);
  });
});
