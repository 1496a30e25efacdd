import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { LesionClient } from '../../client/lesionClient.ts';
import type { RequestStatus } from '../../client/request.ts';
import { samplePhoto, useCloud } from '../helpers/cloud.ts';
import { accessKeyOf } from './callers.ts';

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

const writes = (status: RequestStatus) => (body: string) => body.includes(`"status":{"S":"${status}"}`);

async function statusOf(client: LesionClient, requestId: string): Promise<RequestStatus | undefined> {
  return (await client.result(requestId))?.status;
}

/** Waits until a worker has seen that its write came too late. */
async function settled(client: LesionClient): Promise<void> {
  expect(await client.classify(samplePhoto)).toMatchObject({ status: 'COMPLETED' });
}

describe('a write that comes late', () => {
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

  test('the first write of a twin, after its request has ended, changes nothing, and the twin is told of that', async () => {
    const client = run.clientOf('alice');
    const imageKey = await client.upload(samplePhoto);
    const clientToken = randomUUID();
    // Both have looked and found nothing, and one of them is slow from there on.
    const both = Promise.withResolvers<undefined>();
    const slow = Promise.withResolvers<undefined>();
    let writes = 0;
    run.cloud.faults.gateway(({ headers, body }) => {
      if (!headers['x-amz-target']?.endsWith('PutItem') || !body.includes('"version":{"N":"1"}')) return undefined;
      writes += 1;
      if (writes === 1) return both.promise;
      both.resolve(undefined);
      return slow.promise;
    });
    const [one, other] = [client.submitKey(imageKey, { clientToken }), client.submitKey(imageKey, { clientToken })];
    const { requestId } = await Promise.race([one, other]);
    for await (const _ of client.watch(requestId));
    slow.resolve(undefined);
    const answers = await Promise.all([one, other]);
    expect(answers.map((answer) => [answer.requestId, answer.status]).sort()).toEqual([
      [requestId, 'COMPLETED'],
      [requestId, 'PENDING'],
    ]);
    expect(await client.result(requestId)).toMatchObject({ status: 'COMPLETED', version: 3, attempt: 1 });
  });
});
