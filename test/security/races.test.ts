import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { LesionClient } from '../../client/lesionClient.ts';
import type { RequestStatus } from '../../client/request.ts';
import type { AwsCall } from '../../cloud/engine.ts';
import { accessKeyOf } from '../support/callers.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';
import { giveUpAfterOneReceive } from '../support/giveUpAfterOneReceive.ts';

const run = useCloud();
afterEach(() => run.cloud.faults.gateway(undefined));

/** Holds the writes of one function to the request table that are so, until they are let go. */
function hold(functionName: string, isIt: (body: string) => boolean) {
  const accessKey = accessKeyOf(run.cloud, functionName);
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<undefined>();
  run.cloud.faults.gateway(({ accessKeyId, headers, body }) => {
    const isWrite = accessKeyId === accessKey && headers['x-amz-target']?.endsWith('PutItem');
    if (!isWrite || !isIt(body.toString())) return undefined;
    reached.resolve();
    return released.promise;
  });
  return { reached: reached.promise, letGo: () => released.resolve(undefined) };
}

/** Of two calls that a function makes at the same time, the one that comes second waits until it is let go. */
function slowOfTwo(functionName: string, isIt: (call: AwsCall) => boolean | undefined) {
  const accessKey = accessKeyOf(run.cloud, functionName);
  const both = Promise.withResolvers<undefined>();
  const slow = Promise.withResolvers<undefined>();
  let calls = 0;
  run.cloud.faults.gateway((call) => {
    if (call.accessKeyId !== accessKey || !isIt(call)) return undefined;
    calls += 1;
    if (calls === 1) return both.promise;
    both.resolve(undefined);
    return slow.promise;
  });
  return { letGo: () => slow.resolve(undefined) };
}

const writes = (status: RequestStatus) => (body: string) => body.includes(`"status":{"S":"${status}"}`);

async function statusOf(client: LesionClient, requestId: string): Promise<RequestStatus | undefined> {
  return (await client.result(requestId))?.status;
}

/** Waits until a worker has seen that its write came too late. */
async function settled(client: LesionClient): Promise<void> {
  expect(await client.classify(samplePhoto)).toMatchObject({ status: 'COMPLETED' });
}

describe('a call that comes late', () => {
  test.each([
    ['a result, after cancelling', 'inference', 'COMPLETED', 'cancel', 'CANCELLED'],
    ['a result, after deleting', 'inference', 'COMPLETED', 'remove', 'DELETED'],
    ['a taking-up, after cancelling', 'inference', 'PROCESSING', 'cancel', 'CANCELLED'],
  ] as const)('%s, changes nothing', async (_, worker, late, act, status) => {
    const client = run.clientOf('alice');
    const held = hold(worker, writes(late));
    const { requestId } = await client.submit(samplePhoto);
    await held.reached;
    expect(await client[act](requestId)).toMatchObject({ status });
    held.letGo();
    run.cloud.faults.gateway(undefined);
    await settled(client);
    expect(await statusOf(client, requestId)).toBe(status);
  });

  test('a description, after deleting, changes nothing', async () => {
    const client = run.clientOf('alice');
    const held = hold('enrichment', writes('COMPLETED'));
    const { requestId } = await client.submit(samplePhoto, { describe: true });
    await held.reached;
    await client.remove(requestId);
    held.letGo();
    run.cloud.faults.gateway(undefined);
    await settled(client);
    expect(await client.result(requestId)).toMatchObject({ status: 'DELETED', description: null, predictions: null });
  });

  test.each<[string, (call: AwsCall) => boolean | undefined]>([
    ['the first write of a twin', ({ headers }) => headers['x-amz-target']?.endsWith('PutItem')],
    ['the look of a twin for the photo', ({ method }) => method === 'HEAD'],
  ])('%s, after its request has ended, changes nothing, and the twin is told of that', async (_, isLate) => {
    const client = run.clientOf('alice');
    const imageKey = await client.upload(samplePhoto);
    const clientToken = randomUUID();
    // Both have looked and found nothing, and one of them is slow from there on.
    const slow = slowOfTwo('submitRequest', isLate);
    const [one, other] = [client.submitKey(imageKey, { clientToken }), client.submitKey(imageKey, { clientToken })];
    const { requestId } = await Promise.race([one, other]);
    for await (const _ of client.watch(requestId));
    slow.letGo();
    const answers = await Promise.all([one, other]);
    expect(answers.map((answer) => [answer.requestId, answer.status]).sort()).toEqual([
      [requestId, 'COMPLETED'],
      [requestId, 'PENDING'],
    ]);
    expect(await client.result(requestId)).toMatchObject({ status: 'COMPLETED', version: 3, attempt: 1 });
  });

  test('the look of a retry for the photo, after a twin has had it used, hears that the request is not FAILED any more', async () => {
    const client = run.clientOf('alice');
    await giveUpAfterOneReceive(run.cloud, 'Inference');
    const reader = accessKeyOf(run.cloud, 'inference');
    run.cloud.faults.gateway(({ accessKeyId, service }) =>
      accessKeyId === reader && service === 's3' ? Promise.resolve('hangup') : undefined,
    );
    const { requestId } = await client.classify(samplePhoto);
    const slow = slowOfTwo('retryRequest', ({ method }) => method === 'HEAD');
    const both = [client.retry(requestId), client.retry(requestId)];
    await Promise.race(both);
    for await (const _ of client.watch(requestId));
    slow.letGo();
    const answers = await Promise.allSettled(both);
    expect(answers).toContainEqual({ status: 'fulfilled', value: expect.objectContaining({ status: 'PENDING' }) });
    expect(answers).toContainEqual({ status: 'rejected', reason: expect.objectContaining({ code: 'Conflict' }) });
  });
});
