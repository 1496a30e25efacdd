/**
 * What Lambda documents of event source mappings, as it shows in the product's own: seen through the API, and made and
 * looked at with the SDKs of DynamoDB and SQS. With TARGET=aws it runs on a deployed stack, whose outputs are in the file
 * OUTPUTS (`cdk deploy --outputs-file`), with the rights of the account at hand.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { admin } from '../support/admin.ts';
import { withToken } from '../support/callers.ts';
import { onAws, samplePhoto, useCloud } from '../support/cloud.ts';
import { type Frame, listen } from '../support/listening.ts';

const run = useCloud();
const stacks = z.record(z.string(), z.record(z.string(), z.string()));

let outputs: Record<string, string>;
let dynamoDb: DynamoDBDocumentClient;
let sqs: SQSClient;

beforeAll(() => {
  if (onAws) {
    [outputs = {}] = Object.values(stacks.parse(JSON.parse(readFileSync(process.env.OUTPUTS ?? '', 'utf8'))));
    dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient());
    sqs = new SQSClient();
  } else {
    outputs = run.cloud.outputs;
    ({ dynamoDb, sqs } = admin(run.cloud));
  }
});
afterAll(() => {
  dynamoDb.destroy();
  sqs.destroy();
});

const table = () => ({ TableName: outputs.RequestTableName });
const put = (Item: Record<string, unknown>) => dynamoDb.send(new PutCommand({ ...table(), Item }));
const itemOf = async (requestId: string) =>
  (await dynamoDb.send(new GetCommand({ ...table(), Key: { requestId }, ConsistentRead: true }))).Item;

/** A request that has ended, as a template for others of the same owner. */
async function anItem(): Promise<Record<string, unknown>> {
  const { requestId } = await run.clientOf('alice').classify(samplePhoto);
  const item = (await itemOf(requestId)) ?? {};
  return { ...item, requestId: randomUUID(), version: 1 };
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
describe('a queue mapped to a function', () => {
  test('keeps of a batch only what the function reports as failed, and hands that over again', async () => {
    const client = run.clientOf('alice');
    const good = await client.submit(samplePhoto);
    // One that the worker can do nothing with: it has no photo, not even a key.
    const { image: _, ...broken } = await anItem();
    const requestId = String(broken.requestId);
    await put({ ...broken, status: 'PENDING', attempt: 0, queuedAt: new Date().toISOString() });
    const bodies = [requestId, good.requestId, randomUUID()].map((id) => JSON.stringify({ requestId: id }));
    const Entries = [...bodies, 'no message of ours'].map((MessageBody, Id) => ({ Id: String(Id), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: outputs.InferenceQueueUrl, Entries }));
    for await (const _ of client.watch(good.requestId));
    expect(await client.result(good.requestId)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    await vi.waitFor(async () => expect((await itemOf(requestId))?.attempt).toBeGreaterThan(1), { timeout: 60_000 });
    await dynamoDb.send(new DeleteCommand({ ...table(), Key: { requestId } }));
    // The request is gone, so the message is done with as well.
    await vi.waitFor(async () => expect(await countMessages()).toBe(0), { timeout: 120_000, interval: 500 });
  });

  async function countMessages(): Promise<number> {
    const asked = { QueueUrl: outputs.InferenceQueueUrl, AttributeNames: ['All' as const] };
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand(asked));
    const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
    return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
  }
});

// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
describe('a stream mapped to a function', () => {
  const ON_UPDATED = 'subscription ($id: ID) { onRequestUpdated(requestId: $id) { requestId version } }';
  const pushed = z.object({
    data: z.object({ onRequestUpdated: z.object({ requestId: z.string(), version: z.number() }) }),
  });

  test('hands over each change of an item in order; what the filter leaves out, a removal, never', async () => {
    const { dueAt: _, dueBucket: __, ...item } = await anItem();
    const marker = { ...item, requestId: randomUUID() };
    const listener = await listen(run.api, withToken(await run.tokenOf('alice')));
    await listener.subscribe('item', ON_UPDATED, { id: item.requestId });
    await listener.subscribe('marker', ON_UPDATED, { id: marker.requestId });
    for (let version = 1; version <= 10; version++) await put({ ...item, version });
    await dynamoDb.send(new DeleteCommand({ ...table(), Key: { requestId: item.requestId } }));
    const isLast = ({ id, payload }: Frame) => id === 'item' && JSON.stringify(payload)?.includes('"version":10');
    await listener.frame(isLast);
    await put(marker);
    await listener.frame(({ id, type }) => id === 'marker' && type === 'data');
    const heard = listener.frames.filter(({ id, type }) => id === 'item' && type === 'data');
    const versions = heard.map(({ payload }) => pushed.parse(payload).data.onRequestUpdated.version);
    listener.close();
    // At least once, says Lambda: one may come twice.
    expect([...new Set(versions)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(versions.at(-1)).toBe(10);
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
  test('gives up a record that fails again and again, puts where it was into the failure destination, and goes on', async () => {
    const item = await anItem();
    await put({ ...item, requestId: randomUUID(), status: 'BOGUS' });
    expect(await run.clientOf('alice').classify(samplePhoto)).toMatchObject({ status: 'COMPLETED' });
    const parked = await vi.waitFor(takeParked, { timeout: 180_000 });
    expect(parked).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', functionArn: expect.any(String) },
      DDBStreamBatchInfo: { batchSize: 1, startSequenceNumber: expect.any(String), streamArn: expect.any(String) },
    });
    expect(JSON.stringify(parked)).not.toContain('BOGUS');
  });

  async function takeParked(): Promise<unknown> {
    const QueueUrl = outputs.PublisherFailureQueueUrl;
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    const [message] = Messages;
    if (!message?.Body) throw new Error('Nothing is parked yet');
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    return JSON.parse(message.Body);
  }
});
