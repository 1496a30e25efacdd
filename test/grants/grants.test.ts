import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../client/createClient.ts';
import { ACCESS_KEY_PREFIX } from '../../cloud/engine.ts';
import type { Use } from '../../cloud/iam/startIam.ts';
import { startProduct } from '../../local/product.ts';
import { admin } from '../support/admin.ts';
import { accessKeyOf, ask, withToken } from '../support/callers.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';
import { giveUpAfterOneReceive } from '../support/giveUpAfterOneReceive.ts';

/** What nothing on a laptop can use, each with the reason. */
const elsewhere: { action: RegExp; reason: string }[] = [
  { action: /^logs:/, reason: 'CloudWatch Logs: here the run itself takes what a function prints' },
  { action: /^ec2:/, reason: 'network interfaces: Lambda makes them in the VPC, and no process here is in one' },
];

const dataDir = mkdtempSync(join(tmpdir(), 'grants-'));
// A directory of a run before: so the schedule, too, is put to use at once and not after a minute.
mkdirSync(join(dataDir, 'dynamodb'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
const run = useCloud({ dataDir });

const said = ({ accessKeyId, action, resource }: Use) =>
  `${accessKeyId.replace(ACCESS_KEY_PREFIX, '')} ${action} ${resource}`;

describe('of the template as it is by default', () => {
  beforeAll(async () => {
    await aPhotoThatWorks();
    await aRequestThatIsCancelled();
    await aWorkerThatGivesUp();
    await aDescriberThatGivesUp();
    await whatTheSweeperFinds();
    await aPushThatCannotBe();
  });

  test('every grant is used, but for those that only AWS can use', () => {
    const unused = run.cloud.iam.grants().filter(({ used }) => !used);
    const here = unused.filter(({ action }) => !elsewhere.some((except) => except.action.test(action)));
    expect(here.map(said)).toEqual([]);
    for (const { action } of elsewhere) expect(unused.some((grant) => action.test(grant.action))).toBe(true);
  });

  test('no grant is missing: nothing was refused', () => {
    expect(run.cloud.iam.refused().map(said)).toEqual([]);
  });

  test('a photo that is not there is refused as S3 does it to whom may not list, and to nobody else', async () => {
    const client = run.clientOf('alice');
    const imageKey = await client.upload(samplePhoto);
    const absent = `${imageKey.slice(0, -36)}${randomUUID()}`;
    await expect(client.submitKey(absent)).rejects.toMatchObject({ code: 'ImageNotFound' });
    const bucket = `arn:aws:s3:::${run.cloud.outputs.UploadBucketName}`;
    const accessKeyId = accessKeyOf(run.cloud, 'submitRequest');
    expect(run.cloud.iam.refused()).toEqual([{ accessKeyId, action: 's3:ListBucket', resource: bucket }]);
  });

  /** createUpload, submitRequest and twice the same, inference, enrichment, publisher, and the reading fields. */
  async function aPhotoThatWorks() {
    const client = run.clientOf('alice');
    const imageKey = await client.upload(samplePhoto);
    const clientToken = randomUUID();
    const { requestId } = await client.submitKey(imageKey, { clientToken, describe: true });
    await client.submitKey(imageKey, { clientToken, describe: true });
    for await (const _ of client.watch(requestId));
    expect(await client.result(requestId)).toMatchObject({ description: { source: 'openai', input: 'handover' } });
    await client.list();
    await client.model();
    await client.remove(requestId);
  }

  /** The queue is down when it is submitted, so that nobody is faster than the cancellation. */
  async function aRequestThatIsCancelled() {
    const requestId = await submitUnheard();
    const cancelled = await run.clientOf('alice').cancel(requestId);
    expect(cancelled).toMatchObject({ status: 'CANCELLED' });
    // Its first answer may have been lost.
    expect(await run.clientOf('alice').cancel(requestId)).toEqual(cancelled);
  }

  async function submitUnheard(): Promise<string> {
    const client = run.clientOf('alice');
    const imageKey = await client.upload(samplePhoto);
    run.cloud.faults.gateway(async ({ service, headers }) => {
      if (service !== 'sqs' || !headers['x-amz-target']?.endsWith('SendMessage')) return undefined;
      return { status: 400, headers: {}, body: JSON.stringify({ __type: 'QueueDoesNotExist', message: 'down' }) };
    });
    // Not by the client, which would try for a while.
    const submit = 'mutation ($input: SubmitRequestInput!) { submitRequest(input: $input) { requestId } }';
    const alice = withToken(await run.cloud.token('alice'));
    const { errors } = await ask(run.cloud, alice, submit, { input: { imageKey } });
    expect(errors).toMatchObject([{ errorType: 'ServiceUnavailable' }]);
    run.cloud.faults.gateway(undefined);
    const [newest] = (await client.list({ limit: 1 })).items;
    expect(newest).toMatchObject({ status: 'PENDING', attempt: 0 });
    return newest?.requestId ?? '';
  }

  function refuse(service: string, caller: string, isIt: (text: string) => boolean) {
    const accessKey = accessKeyOf(run.cloud, caller);
    run.cloud.faults.gateway(async ({ service: called, accessKeyId, method, headers }) => {
      const matches = called === service && accessKeyId === accessKey;
      if (!matches || !isIt(`${method} ${headers['x-amz-target'] ?? ''}`)) return undefined;
      return { status: 400, headers: {}, body: JSON.stringify({ __type: 'ValidationException', message: 'no' }) };
    });
  }

  async function aWorkerThatGivesUp() {
    await giveUpAfterOneReceive(run.cloud, 'Inference');
    refuse('s3', 'inference', (text) => text.startsWith('GET'));
    const client = run.clientOf('alice');
    const failed = await client.classify(samplePhoto);
    expect(failed).toMatchObject({ status: 'FAILED', error: { code: 'InferenceFailed', retryable: true } });
    run.cloud.faults.gateway(undefined);
    await client.retry(failed.requestId);
    for await (const _ of client.watch(failed.requestId));
    expect(await client.result(failed.requestId)).toMatchObject({ status: 'COMPLETED' });
  }

  async function aDescriberThatGivesUp() {
    await giveUpAfterOneReceive(run.cloud, 'Enrichment');
    refuse('dynamodb', 'enrichment', (text) => text.includes('PutItem'));
    const request = await run.clientOf('alice').classify(samplePhoto, { describe: true });
    expect(request).toMatchObject({ status: 'COMPLETED', description: { fallbackReason: 'gave_up' } });
    run.cloud.faults.gateway(undefined);
  }

  /** One request that waits for its classification, one for its description, and one whose photo is to go. */
  async function whatTheSweeperFinds() {
    const client = run.clientOf('alice');
    const [pending, failed] = [await submitUnheard(), await submitUnheard()];
    const described = await client.classify(samplePhoto, { describe: true });
    const due = { dueBucket: 'due', dueAt: new Date(0).toISOString() };
    await rewrite(pending, (item) => ({ ...item, ...due }));
    await rewrite(failed, (item) => ({
      ...{ ...item, ...due, status: 'FAILED', version: 2 },
      error: { code: 'InferenceFailed', message: '', retryable: true },
    }));
    await rewrite(described.requestId, ({ description: _, ...item }) => ({
      ...{ ...item, ...due, status: 'AWAITING_DESCRIPTION', version: described.version + 1 },
    }));
    expect(await run.cloud.functions.get('sweeper')?.invoke({})).toEqual({ payload: { attended: 3 } });
    for (const id of [pending, described.requestId]) for await (const _ of client.watch(id));
    expect(await client.result(pending)).toMatchObject({ status: 'COMPLETED' });
    expect(await client.result(described.requestId)).toMatchObject({ description: { source: 'openai' } });
    expect(await client.result(failed)).toMatchObject({ status: 'FAILED', error: { retryable: false } });
  }

  async function rewrite(requestId: string, change: (item: Record<string, unknown>) => Record<string, unknown>) {
    const { dynamoDb } = admin(run.cloud);
    const TableName = run.cloud.outputs.RequestTableName;
    const { Item = {} } = await dynamoDb.send(new GetCommand({ TableName, Key: { requestId } }));
    await dynamoDb.send(new PutCommand({ TableName, Item: change(Item) }));
    dynamoDb.destroy();
  }

  /** A status that the API does not know: the publisher tries, and then parks the record. */
  async function aPushThatCannotBe() {
    await rewrite(randomUUID(), () => ({
      ...{ requestId: randomUUID(), owner: 'cognito#x', status: 'BOGUS', version: 1, locale: 'en' },
      ...{ expiresAt: 9_999_999_999, timeline: [], image: { key: 'x' } },
    }));
    const { sqs } = admin(run.cloud);
    const QueueUrl = run.cloud.outputs.PublisherFailureQueueUrl;
    const parked = await vi.waitFor(
      async () => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
        expect(Messages).toHaveLength(1);
        return String(Messages[0]?.Body);
      },
      { timeout: 20_000 },
    );
    sqs.destroy();
    expect(JSON.parse(parked)).toMatchObject({ requestContext: { condition: 'RetryAttemptsExhausted' } });
    expect(parked).not.toMatch(/BOGUS|cognito#/);
  }
});

describe('with cache=s3 and the model in the bundle', () => {
  test('what both workers need of the bucket is granted and used, and nothing is refused', async () => {
    const cloud = await startProduct({ context: { cache: 's3', model: 'bundled', apiKey: 'true' } });
    const client = createClient({ graphqlUrl: cloud.config.graphqlUrl, token: () => cloud.token('alice') });
    try {
      const { description } = await client.classify(samplePhoto, { describe: true });
      expect(description).toMatchObject({ source: 'openai', input: 'handover' });
      const handover = () => cloud.iam.grants().filter(({ resource }) => resource.endsWith('/handover/*'));
      // It is deleted a little after the result is pushed.
      await vi.waitFor(() =>
        expect(
          handover()
            .map(({ action, used }) => [action, used])
            .sort(),
        ).toEqual([
          ['s3:DeleteObject', true],
          ['s3:GetObject', true],
          ['s3:PutObject', true],
        ]),
      );
      expect(cloud.iam.refused().map(said)).toEqual([]);
      expect(cloud.iam.grants().filter(({ action }) => action.startsWith('ec2:'))).toEqual([]);
    } finally {
      client.close();
      await cloud.stop();
    }
  });
});
