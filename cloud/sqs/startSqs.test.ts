import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_KEY_PREFIX, ADMIN_ACCESS_KEY, SECRET_ACCESS_KEY } from '../engine.ts';
import { type Gateway, startGateway } from '../gateway/startGateway.ts';
import { startIam } from '../iam/startIam.ts';
import { type Sqs, startSqs } from './startSqs.ts';

const WORKER_KEY = `${ACCESS_KEY_PREFIX}WorkerRole`;
const ONWARDS = 'arn:aws:sqs:us-east-1:000000000000:allowed';

let gateway: Gateway;
let sqs: Sqs;
let client: SQSClient;
let worker: SQSClient;

beforeAll(async () => {
  const Action = ['sqs:SendMessage', 'sqs:DeleteMessage'];
  const iam = startIam(new Map([[WORKER_KEY, [{ Statement: { Effect: 'Allow', Action, Resource: ONWARDS } }]]]));
  sqs = await startSqs(() => gateway.url);
  const authorize = (key: string, { action, resource }: { action: string; resource: string }) =>
    iam.authorize(key, action, resource);
  gateway = await startGateway({ engines: [sqs.engine], authorize, log: () => undefined });
  [client, worker] = [ADMIN_ACCESS_KEY, WORKER_KEY].map((accessKeyId) => {
    const credentials = { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY };
    return new SQSClient({ endpoint: gateway.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  }) as [SQSClient, SQSClient];
});

afterAll(async () => {
  await gateway.stop();
  await sqs.stop();
});

let queueNumber = 0;

async function createQueue(attributes?: Record<string, unknown>) {
  queueNumber += 1;
  return sqs.createQueue({ name: `queue${queueNumber}`, attributes });
}

describe('queues', () => {
  test('a queue that names a dead-letter queue before it is there is refused', async () => {
    const RedrivePolicy = { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:later', maxReceiveCount: 2 };
    await expect(createQueue({ RedrivePolicy })).rejects.toThrow(
      'there is no arn:aws:sqs:us-east-1:000000000000:later yet',
    );
  });

  test('one made anew with other attributes keeps its messages and takes the attributes', async () => {
    const made = await sqs.createQueue({ name: 'changing', attributes: { VisibilityTimeout: 30 } });
    await client.send(new SendMessageCommand({ QueueUrl: made.url, MessageBody: 'kept' }));
    expect(await sqs.createQueue({ name: 'changing', attributes: { VisibilityTimeout: 45 } })).toEqual(made);
    const QueueUrl = made.url;
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout', 'QueueArn'] });
    expect((await client.send(asked)).Attributes).toEqual({ VisibilityTimeout: '45', QueueArn: made.arn });
    expect((await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
  });

  test('attributes, operations and message system attributes that are not emulated are refused by name', async () => {
    await expect(createQueue({ FifoQueue: true })).rejects.toThrow('FifoQueue is not emulated');
    await expect(createQueue({ VisibilityTimeout: 50_000 })).rejects.toThrow('VisibilityTimeout');
    await expect(client.send(new CreateQueueCommand({ QueueName: 'x' }))).rejects.toThrow('AmazonSQS.CreateQueue');
    await expect(client.send(new ListQueuesCommand({}))).rejects.toThrow('AmazonSQS.ListQueues');
    const { url } = await createQueue();
    const AWSTraceHeader = { DataType: 'String', StringValue: 'Root=1' };
    const traced = { QueueUrl: url, MessageBody: 'x', MessageSystemAttributes: { AWSTraceHeader } };
    await expect(client.send(new SendMessageCommand(traced))).rejects.toThrow('MessageSystemAttributes');
  });
});

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
describe('grants', () => {
  test('a batch needs the grant of the single operation, on the queue its URL names', async () => {
    const { url: QueueUrl } = await sqs.createQueue({ name: 'allowed' });
    await worker.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await worker.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }] }));
    const other = (await createQueue()).url;
    for (const refused of [
      worker.send(new SendMessageCommand({ QueueUrl: other, MessageBody: 'x' })),
      worker.send(new ReceiveMessageCommand({ QueueUrl })),
    ]) {
      await expect(refused).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    }
  });
});

test('a poll whose caller has hung up takes no message from anyone', async () => {
  const { url: QueueUrl } = await sqs.createQueue({ name: 'hung-up', attributes: { VisibilityTimeout: 600 } });
  const hangUp = new AbortController();
  const poll = sqs.engine.handle({
    service: 'sqs',
    accessKeyId: ADMIN_ACCESS_KEY,
    method: 'POST',
    url: new URL(gateway.url),
    headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
    body: Buffer.from(JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 })),
    gone: hangUp.signal,
  });
  hangUp.abort();
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'for the next' }));
  await poll;
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.map(({ Body }) => Body)).toEqual(['for the next']);
});

test('stopping ends the long polls', async () => {
  const other = await startSqs(() => gateway.url);
  await other.createQueue({ name: 'waiting' });
  const body = Buffer.from(JSON.stringify({ QueueUrl: `${gateway.url}/000000000000/waiting`, WaitTimeSeconds: 20 }));
  const headers = { 'x-amz-target': 'AmazonSQS.ReceiveMessage' };
  const call = { service: 'sqs', accessKeyId: undefined, method: 'POST', url: new URL(gateway.url), headers, body };
  const polled = other.engine.handle(call);
  // Answered after the poll before it has begun to wait.
  await other.engine.handle({ ...call, headers: { 'x-amz-target': 'AmazonSQS.GetQueueAttributes' } });
  await other.stop();
  expect((await polled).body).toBe('{}');
}, 5000);
