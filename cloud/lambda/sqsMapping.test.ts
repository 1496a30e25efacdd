import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ADMIN_ACCESS_KEY, arn, type Fault, REGION, SECRET_ACCESS_KEY } from '../engine.ts';
import { type Gateway, startGateway } from '../gateway/startGateway.ts';
import { type Sqs, startSqs } from '../sqs/startSqs.ts';
import { createFunction, type LambdaFunction } from './function.ts';
import { sqsMappingProperties, startSqsMapping } from './sqsMapping.ts';

const cleanups: (() => unknown)[] = [];
let sqs: Sqs;
let gateway: Gateway;
let client: SQSClient;

beforeEach(async () => {
  sqs = await startSqs(() => gateway.url);
  gateway = await startGateway({ engines: [sqs.engine], authorize: () => true, log: () => {} });
  client = clientAs(ADMIN_ACCESS_KEY);
  cleanups.push(
    () => sqs.stop(),
    () => gateway.stop(),
  );
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function clientAs(accessKeyId: string): SQSClient {
  const credentials = { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY };
  return new SQSClient({ endpoint: gateway.url, region: REGION, credentials, maxAttempts: 1 });
}

/** A function that reports each event to the test, and answers (or throws) what `answer` makes of the bodies. */
async function recorder(answer = 'null', options: { concurrency?: number; timeoutSeconds?: number } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'mapping-'));
  const events: { Records: { messageId: string; body: string }[] }[] = [];
  const inbox = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      events.push(JSON.parse(body));
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => inbox.once('listening', resolve));
  writeFileSync(
    join(home, 'index.mjs'),
    `export const handler = async (event) => {
       await fetch('http://127.0.0.1:${(inbox.address() as AddressInfo).port}', { method: 'POST', body: JSON.stringify(event) })
       const bodies = event.Records.map(({ body }) => body)
       const idOf = (body) => event.Records.find((record) => record.body === body)?.messageId
       return ${answer} }`,
  );
  const lambda = createFunction({
    name: 'recorder',
    handler: 'index.handler',
    appDirectory: home,
    codeDirectory: home,
    memoryMb: 128,
    timeoutSeconds: 2,
    environment: {},
    concurrency: 1,
    directory: home,
    logDirectory: home,
    ...options,
  });
  cleanups.push(
    () => rmSync(home, { recursive: true }),
    () => inbox.close(),
    () => lambda.stop(),
  );
  return { lambda, events };
}

async function queueWith(attributes: Record<string, unknown> = {}) {
  const queue = await sqs.createQueue({
    name: `queue-${randomUUID()}`,
    attributes: { VisibilityTimeout: 2, ...attributes },
  });
  return {
    ...queue,
    send: (body: string) => client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body })),
    sendAll: (...bodies: string[]) =>
      client.send(
        new SendMessageBatchCommand({
          QueueUrl: queue.url,
          Entries: bodies.map((MessageBody, Id) => ({ Id: `${Id}`, MessageBody })),
        }),
      ),
    async left() {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['All'] }),
      );
      return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
    },
  };
}

async function mapping(queue: { url: string; arn: string }, lambda: LambdaFunction, properties: object = {}) {
  const errors: string[] = [];
  const started = await startSqsMapping({
    properties: sqsMappingProperties.parse({ EventSourceArn: queue.arn, FunctionName: lambda.name, ...properties }),
    function: lambda,
    client: clientAs(ADMIN_ACCESS_KEY),
    queueUrl: queue.url,
    onError: (message) => errors.push(message),
  });
  cleanups.push(() => started.stop());
  return errors;
}

describe('a queue mapped to a function', () => {
  test("hands over a message in Lambda's event shape, and deletes it when the function succeeds", async () => {
    const { lambda, events } = await recorder();
    const queue = await queueWith();
    await mapping(queue, lambda);
    await client.send(
      new SendMessageCommand({
        QueueUrl: queue.url,
        MessageBody: '{"requestId":"r1"}',
        MessageAttributes: { trace: { DataType: 'String', StringValue: 't1' } },
      }),
    );
    await vi.waitFor(() => expect(events).toHaveLength(1));
    expect(events[0]).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: '{"requestId":"r1"}',
          attributes: expect.objectContaining({
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
          }),
          messageAttributes: {
            trace: { stringValue: 't1', stringListValues: [], binaryListValues: [], dataType: 'String' },
          },
          md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventSource: 'aws:sqs',
          eventSourceARN: queue.arn,
          awsRegion: 'us-east-1',
        },
      ],
    });
    await vi.waitFor(async () => expect(await queue.left()).toBe(0));
  });

  test('gives batches no larger than BatchSize', async () => {
    const { lambda, events } = await recorder();
    const queue = await queueWith();
    await queue.sendAll('a', 'b', 'c', 'd', 'e');
    await mapping(queue, lambda, { BatchSize: 2 });
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), 5000);
    expect(events.flatMap(({ Records }) => Records.map(({ body }) => body)).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(Math.max(...events.map(({ Records }) => Records.length))).toBeLessThanOrEqual(2);
  });

  test('collects for the batching window, beyond the ten messages of one receive', async () => {
    const { lambda, events } = await recorder();
    const queue = await queueWith({ VisibilityTimeout: 10 });
    await mapping(queue, lambda, { BatchSize: 20, MaximumBatchingWindowInSeconds: 1 });
    await queue.sendAll('1', '2', '3', '4', '5', '6', '7', '8', '9', '10');
    await queue.sendAll('11', '12');
    await vi.waitFor(() => expect(events).toHaveLength(1), 5000);
    expect(events[0]?.Records).toHaveLength(12);
  });

  test('runs as many batches at once as MaximumConcurrency, no more', async () => {
    const { lambda, events } = await recorder('new Promise(() => {})', { concurrency: 3, timeoutSeconds: 1 });
    const queue = await queueWith({ VisibilityTimeout: 60 });
    await queue.sendAll('a', 'b', 'c', 'd');
    await mapping(queue, lambda, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    await vi.waitFor(() => expect(events).toHaveLength(2));
    await lambda.kill();
    await vi.waitFor(() => expect(events).toHaveLength(4));
  });

  test('gives back the whole batch of a function that fails: each message comes again after its visibility time-out', async () => {
    const { lambda, events } = await recorder(
      `event.Records[0].attributes.ApproximateReceiveCount === '1' ? boom() : null`,
    );
    const queue = await queueWith();
    await queue.sendAll('a', 'b');
    await mapping(queue, lambda);
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), 8000);
    expect(events.map(({ Records }) => Records.length)).toEqual([2, 2]);
  });

  test('with ReportBatchItemFailures deletes what is not reported', async () => {
    const { lambda, events } = await recorder(
      `{ batchItemFailures: [{ itemIdentifier: idOf('bad') }].filter((f) => f.itemIdentifier) }`,
    );
    const queue = await queueWith({ VisibilityTimeout: 60 });
    await queue.sendAll('good', 'bad');
    await mapping(queue, lambda, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await vi.waitFor(async () => expect(await queue.left()).toBe(1));
    expect(events).toHaveLength(1);
  });

  test.each(['{ batchItemFailures: [{ itemIdentifier: "stranger" }] }', '{ batchItemFailures: [{}] }', '"nonsense"'])(
    'with the report %s counts every message as failed',
    async (report) => {
      const { lambda, events } = await recorder(report, { timeoutSeconds: 1 });
      const queue = await queueWith({ VisibilityTimeout: 1 });
      await queue.sendAll('a', 'b');
      await mapping(queue, lambda, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
      await vi.waitFor(() => expect(events.length).toBeGreaterThan(1), 8000);
      expect(await queue.left()).toBe(2);
    },
  );

  test.each(['{ batchItemFailures: [] }', '{ batchItemFailures: null }', '{}', 'null'])(
    'with the report %s counts every message as done',
    async (report) => {
      const { lambda } = await recorder(report);
      const queue = await queueWith({ VisibilityTimeout: 60 });
      await queue.sendAll('a', 'b');
      await mapping(queue, lambda, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
      await vi.waitFor(async () => expect(await queue.left()).toBe(0));
    },
  );

  test('goes on after the queue was out of reach', async () => {
    const { lambda, events } = await recorder();
    const queue = await queueWith();
    const down: Fault = () => Promise.resolve('hangup');
    gateway.setFault(down);
    gateway.setFault(undefined);
    const errors = await mapping(queue, lambda);
    gateway.setFault(down);
    await expect(queue.send('lost')).rejects.toThrow();
    gateway.setFault(undefined);
    await queue.send('kept');
    await vi.waitFor(
      () => expect(events.flatMap(({ Records }) => Records.map(({ body }) => body))).toEqual(['kept']),
      8000,
    );
    expect(errors.every((error) => error.includes('polling'))).toBe(true);
  });
});

test('a queue whose visibility is shorter than the time-out of the function is refused, as by CreateEventSourceMapping', async () => {
  const { lambda } = await recorder('null', { timeoutSeconds: 30 });
  await expect(mapping(await queueWith(), lambda)).rejects.toThrow(
    'Queue visibility timeout: 2 seconds is less than Function timeout: 30 seconds',
  );
});

test('properties of a mapping that are not emulated are refused by name', () => {
  const properties = { EventSourceArn: arn('sqs', 'q'), FunctionName: 'f', ProvisionedPollerConfig: {} };
  expect(() => sqsMappingProperties.parse(properties)).toThrow('ProvisionedPollerConfig');
});
