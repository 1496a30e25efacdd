import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AwsAnswer, type AwsCall, type AwsEngine, arn } from '../engine.ts';
import type { Asset } from '../template/template.ts';
import { type CorsRule, corsHeaders, preflight } from './cors.ts';
import { type ObjectStore, openObjectStore } from './objectStore.ts';
import { OPERATIONS, refuseUnknown } from './operations.ts';
import { readPostForm } from './postForm.ts';
import { checkPolicy, signerOf } from './postPolicy.ts';
import { accessDenied, notImplemented, S3Error, xmlAnswer } from './s3Error.ts';

interface S3Options {
  /** Each bucket is a directory in it. */
  dataDir: string;
  /** Undefined where there is no such key. */
  secretOf(accessKeyId: string): string | undefined;
  /** Whether the signer of a POST policy may itself s3:PutObject there. Not given: yes. */
  mayPut?(accessKeyId: string, objectArn: string): boolean;
  /** Whether the caller may s3:ListBucket, and so may know that an object does not exist. Not given: yes. */
  mayList?(accessKeyId: string, bucketArn: string): boolean;
}

export type S3 = ReturnType<typeof startS3>;

export interface BucketOptions {
  name: string;
  corsRules?: CorsRule[];
  /** Days that objects live, by key prefix ('' for all). */
  lifecycleDays?: Record<string, number>;
}

type Bucket = Required<BucketOptions> & { store: ObjectStore };

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const HOUR_MS = 60 * 60 * 1000;
const FORM_FIELDS =
  /^(key|bucket|policy|content-type|success_action_status|x-amz-(security-token|algorithm|credential|date|signature))$/;

/** S3 on disk, in path style: the object calls and the presigned POST that the template's functions and clients use. */
export function startS3({ dataDir, secretOf, mayPut = () => true, mayList = () => true }: S3Options) {
  const buckets = new Map<string, Bucket>();
  const sweeper = setInterval(() => void sweepExpired(), HOUR_MS).unref();

  function bucketNamed(name: string): Bucket {
    const bucket = buckets.get(name);
    if (!bucket) throw new S3Error(404, 'NoSuchBucket', `There is no bucket ${name}`, { BucketName: name });
    return bucket;
  }

  async function sweepExpired(now = Date.now()): Promise<void> {
    for (const { store, lifecycleDays } of buckets.values()) {
      for (const [prefix, days] of Object.entries(lifecycleDays)) await store.expire(prefix, now - days * 24 * HOUR_MS);
    }
  }

  async function handle(call: AwsCall): Promise<AwsAnswer> {
    const { bucketName } = targetOf(call.url);
    const answer = await answerTo(call).catch((error: unknown) => {
      if (error instanceof S3Error) return error.answer;
      throw error;
    });
    const cors = corsHeaders(buckets.get(bucketName)?.corsRules ?? [], call);
    return { ...answer, headers: { ...cors, ...answer.headers, 'x-amz-request-id': randomUUID() } };
  }

  async function answerTo(call: AwsCall): Promise<AwsAnswer> {
    const { bucketName, key, operation } = targetOf(call.url, call.method);
    const bucket = bucketNamed(bucketName);
    const size = call.body.length;
    if (size > MAX_BODY_BYTES) throw new S3Error(400, 'EntityTooLarge', `${size} bytes: no more than 32 MB at once`);
    if (call.method === 'OPTIONS') return preflight(bucket.corsRules, call);
    if (call.method === 'POST' && key === '' && call.url.search === '') return postObject(call, bucket);
    if (!operation) throw notImplemented(`${call.method} ${call.url.pathname}${call.url.search}`);
    refuseUnknown(call);
    if (call.accessKeyId === undefined) throw accessDenied('Anonymous calls have no access');
    const answer = await operation.run(call, key, bucket.store);
    if (!answer) throw missing(call.accessKeyId, bucketName, key);
    return answer;
  }

  function missing(caller: string, bucketName: string, key: string): S3Error {
    const bucketArn = arn('s3', bucketName);
    if (mayList(caller, bucketArn)) return new S3Error(404, 'NoSuchKey', 'There is no such object', { Key: key });
    return accessDenied(`${caller} is not authorized to perform: s3:ListBucket on resource: ${bucketArn}`);
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */
  async function postObject(call: AwsCall, { name, store }: Bucket): Promise<AwsAnswer> {
    const { fields, file } = await readPostForm(call);
    const signer = signerOf(fields, secretOf);
    checkPolicy(fields.set('bucket', name), file.length, Date.now());
    const key = fields.get('key');
    if (!key) throw new S3Error(400, 'InvalidArgument', "Bucket POST must contain a field named 'key'.");
    const unknown = [...fields.keys()].find((field) => !FORM_FIELDS.test(field));
    if (unknown) throw notImplemented(`the form field ${unknown}`);
    if (/\$\{filename\}/.test(key)) throw notImplemented('a file name in a key');
    const objectArn = arn('s3', `${name}/${key}`);
    if (!mayPut(signer, objectArn)) {
      throw accessDenied(`${signer} is not authorized to perform: s3:PutObject on resource: ${objectArn}`);
    }
    const { etag } = await store.put(key, file, fields.get('content-type'));
    const status = fields.get('success_action_status');
    if (status === '201') return xmlAnswer(201, 'PostResponse', { Bucket: name, Key: key, ETag: etag });
    return { status: status === '200' ? 200 : 204, headers: { etag }, body: '' };
  }

  const engine: AwsEngine = {
    service: 's3',
    requiredGrants({ url, method }) {
      const { bucketName, key, operation } = targetOf(url, method);
      const resource = arn('s3', key === '' ? bucketName : `${bucketName}/${key}`);
      return operation ? [{ action: operation.action, resource }] : [];
    },
    errorAnswer: (status, code, message) => new S3Error(status, code, message).answer,
    handle,
  };

  /** Opens a bucket with what it held before. Again with the same name: new rules, same objects. */
  async function createBucket({ name, corsRules = [], lifecycleDays = {} }: BucketOptions): Promise<void> {
    const store = buckets.get(name)?.store ?? (await openObjectStore(join(dataDir, name)));
    buckets.set(name, { name, store, corsRules, lifecycleDays });
  }

  return {
    engine,
    createBucket,
    /** The files among a deployment's assets, each in its bucket. Directories are read where they lie. */
    async uploadAssets(assets: readonly Asset[]): Promise<void> {
      for (const { bucket, key, path } of assets) {
        if (!statSync(path).isFile()) continue;
        await createBucket({ name: bucket });
        await bucketNamed(bucket).store.put(key, await readFile(path));
      }
    },
    /** Deletes what has outlived its lifecycle rule at `now` (epoch milliseconds). Runs by itself every hour. */
    sweepExpired,
    stop: async (): Promise<void> => clearInterval(sweeper),
  };
}

/** Bucket and key ('' for none) of a path-style URL, and what a method does to them. */
function targetOf(url: URL, method = '') {
  const [, bucketName = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(url.pathname) ?? [];
  const operation = OPERATIONS[`${method} ${key === '' ? 'bucket' : 'object'}`];
  return { bucketName, key: decodeURIComponent(key), operation };
}
