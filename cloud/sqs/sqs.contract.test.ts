/** What SQS documents, through the SDK alone. With TARGET=aws it runs on the real service, in the account at hand. */
import { createHash, randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN_ACCESS_KEY, SECRET_ACCESS_KEY } from '../engine.ts';
import { startGateway } from '../gateway/startGateway.ts';
import { startSqs } from './startSqs.ts';

interface Target {
  client: SQSClient;
  createQueue(attributes?: Record<string, string>): Promise<{ url: string; arn: string }>;
  stop(): Promise<void>;
}

async function startLocalTarget(): Promise<Target> {
  const sqs = await startSqs(() => gateway.url);
  const gateway = await startGateway({ engines: [sqs.engine], authorize: () => true, log: () => undefined });
  const credentials = { accessKeyId: ADMIN_ACCESS_KEY, secretAccessKey: SECRET_ACCESS_KEY };
  return {
    client: new SQSClient({ endpoint: gateway.url, region: 'us-east-1', credentials }),
    createQueue: (attributes) => sqs.createQueue({ name: `contract-${randomUUID()}`, attributes }),
    async stop() {
      await gateway.stop();
      await sqs.stop();
    },
  };
}

async function startAwsTarget(): Promise<Target> {
  const client = new SQSClient();
  const urls: string[] = [];
  return {
    client,
    async createQueue(Attributes) {
      const { QueueUrl } = await client.send(
        new CreateQueueCommand({ QueueName: `contract-${randomUUID()}`, Attributes }),
      );
      urls.push(QueueUrl!);
      const asked = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
      return { url: QueueUrl!, arn: asked.Attributes!.QueueArn! };
    },
    async stop() {
      for (const QueueUrl of urls) await client.send(new DeleteQueueCommand({ QueueUrl }));
    },
  };
}

let target: Target;
let client: SQSClient;
let url: string;

beforeAll(async () => {
  target = await (process.env.TARGET === 'aws' ? startAwsTarget() : startLocalTarget());
  client = target.client;
});

afterAll(() => target.stop());

const send = (MessageBody: string) => client.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));

async function receive(options?: Partial<ReceiveMessageCommandInput>) {
  const input = {
    QueueUrl: url,
    WaitTimeSeconds: 20,
    MessageSystemAttributeNames: ['All' as const],
    MessageAttributeNames: ['All'],
    ...options,
  };
  return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
describe('messages', () => {
  beforeEach(async () => {
    ({ url } = await target.createQueue());
  });

  test('a message comes with its MD5s, its attributes, when it was sent, first received, and how often', async () => {
    const before = Date.now();
    const MessageAttributes = { trace: { DataType: 'String', StringValue: 'Root=1' } };
    const sent = await client.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: '{"a":1}', MessageAttributes }),
    );
    const [message] = await receive();
    expect(sent.MD5OfMessageBody).toBe(createHash('md5').update('{"a":1}').digest('hex'));
    expect(message).toMatchObject({ MessageId: sent.MessageId, Body: '{"a":1}', MessageAttributes });
    expect(message).toMatchObject({ MD5OfBody: sent.MD5OfMessageBody, ReceiptHandle: expect.any(String) });
    const { SentTimestamp, ApproximateFirstReceiveTimestamp, ApproximateReceiveCount } = message?.Attributes ?? {};
    expect(Number(SentTimestamp)).toBeGreaterThanOrEqual(before);
    expect(Number(ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(Number(SentTimestamp));
    expect(ApproximateReceiveCount).toBe('1');
  });

  test('a message received is hidden, seen again when its visibility ends, and then counts two receives', async () => {
    await send('again');
    const [first] = await receive();
    expect(await receive({ WaitTimeSeconds: 0 })).toEqual([]);
    const { ReceiptHandle } = first!;
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }));
    const [second] = await receive();
    expect(second?.Attributes?.ApproximateReceiveCount).toBe('2');
    expect(second?.Attributes?.ApproximateFirstReceiveTimestamp).toBe(
      first?.Attributes?.ApproximateFirstReceiveTimestamp,
    );
  });

  test('a message deleted does not come again', async () => {
    await send('once');
    const [message] = await receive({ VisibilityTimeout: 1 });
    await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }));
    expect(await receive({ WaitTimeSeconds: 2 })).toEqual([]);
  });

  test('a long poll waits for a message and brings it at once', async () => {
    const polled = receive();
    await send('soon');
    const sentAt = performance.now();
    expect((await polled).map(({ Body }) => Body)).toEqual(['soon']);
    expect(performance.now() - sentAt).toBeLessThan(1000);
  });

  test('a batch tells for each entry what became of it', async () => {
    const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: Id }));
    const sent = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'b']);
    const messages = await receive({ MaxNumberOfMessages: 10 });
    const handles = messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    const deleted = await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: handles }));
    expect(deleted.Successful).toHaveLength(2);
  });

  test('a queue that is not there answers QueueDoesNotExist', async () => {
    const QueueUrl = url.replace(/[^/]+$/, 'nowhere');
    const sent = client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await expect(sent).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
describe('dead letters', () => {
  test('a message received maxReceiveCount times goes to the dead-letter queue instead of being received once more', async () => {
    const dead = await target.createQueue();
    ({ url } = await target.createQueue({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
    }));
    await send('poison');
    for (let i = 0; i < 2; i += 1) expect(await receive({ VisibilityTimeout: 0 })).toHaveLength(1);
    expect(await receive({ WaitTimeSeconds: 0 })).toEqual([]);
    url = dead.url;
    expect(await receive()).toMatchObject([{ Body: 'poison' }]);
  });

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
  test('a dead letter keeps its message id, and the time at which it was sent', async () => {
    const dead = await target.createQueue();
    ({ url } = await target.createQueue({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }),
    }));
    await send('poison');
    const [alive] = await receive({ VisibilityTimeout: 0, MessageSystemAttributeNames: ['SentTimestamp'] });
    expect(await receive({ WaitTimeSeconds: 0 })).toEqual([]);
    url = dead.url;
    const [letter] = await receive({ MessageSystemAttributeNames: ['SentTimestamp'] });
    expect(letter?.MessageId).toBe(alive?.MessageId);
    expect(letter?.Attributes).toEqual(alive?.Attributes);
  });

  test('a redrive policy set while messages wait holds for them', async () => {
    const dead = await target.createQueue();
    ({ url } = await target.createQueue());
    await send('poison');
    expect(await receive({ VisibilityTimeout: 0 })).toHaveLength(1);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy } }));
    expect(await receive({ WaitTimeSeconds: 0 })).toEqual([]);
    url = dead.url;
    expect(await receive()).toHaveLength(1);
  });
});
