import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { REGION } from '../engine.ts';
import type { LambdaFunction } from './function.ts';
import { failedItems } from './partialFailures.ts';

const RECEIVE_LIMIT = 10;
const LONG_POLL_SECONDS = 20;
const BACK_OFF_MS = { first: 100, last: 5_000 };

/** Properties of an AWS::Lambda::EventSourceMapping on a queue; any other is refused by name. */
export const sqsMappingProperties = z
  .strictObject({
    EventSourceArn: z.string(),
    FunctionName: z.string(),
    BatchSize: z.number().int().min(1).max(10_000).default(10),
    MaximumBatchingWindowInSeconds: z.number().int().min(0).max(300).default(0),
    ScalingConfig: z.strictObject({ MaximumConcurrency: z.number().int().min(2).max(1000) }).optional(),
    FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
    Enabled: z.literal(true).optional(),
    /** What only a stream has; tells the one kind of mapping from the other. */
    StartingPosition: z.undefined().optional(),
  })
  .refine(
    ({ BatchSize, MaximumBatchingWindowInSeconds: window }) => BatchSize <= RECEIVE_LIMIT || window >= 1,
    'A BatchSize above 10 takes a MaximumBatchingWindowInSeconds of at least 1',
  );

export interface SqsMappingOptions {
  properties: z.infer<typeof sqsMappingProperties>;
  function: LambdaFunction;
  /** Signs as the function's role, so that its grants are put to use. */
  client: SQSClient;
  queueUrl: string;
  onError: (message: string) => void;
}

/**
 * Feeds a queue's messages to a function as Lambda's pollers do.
 * @throws where CreateEventSourceMapping would: no access to the queue, visibility shorter than the function's time-out
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export async function startSqsMapping(options: SqsMappingOptions): Promise<{ stop(): Promise<void> }> {
  const { properties, function: target, client, queueUrl, onError } = options;
  const windowMs = properties.MaximumBatchingWindowInSeconds * 1000;
  const concurrency = Math.min(properties.ScalingConfig?.MaximumConcurrency ?? target.concurrency, target.concurrency);
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  await checkVisibility();
  const polling = poll();

  async function checkVisibility(): Promise<void> {
    const names = ['VisibilityTimeout' as const];
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: names }),
    );
    const seconds = Number(Attributes?.VisibilityTimeout);
    if (seconds < target.timeoutSeconds)
      throw new Error(
        `Queue visibility timeout: ${seconds} seconds is less than Function timeout: ${target.timeoutSeconds} seconds (${target.name})`,
      );
  }

  async function poll(): Promise<void> {
    let backOff = BACK_OFF_MS.first;
    while (!stopping.signal.aborted) {
      if (running.size >= concurrency) await Promise.race(running);
      try {
        const batch = await gather();
        if (batch.length > 0) track(deliver(batch));
        backOff = BACK_OFF_MS.first;
      } catch (error) {
        if (stopping.signal.aborted) return;
        onError(`${target.name}: polling ${queueUrl} failed, again in ${backOff} ms: ${error}`);
        await sleep(backOff, undefined, { signal: stopping.signal }).catch(() => {});
        backOff = Math.min(backOff * 2, BACK_OFF_MS.last);
      }
    }
  }

  function track(work: Promise<void>): void {
    const tracked = work.catch((error) => onError(`${target.name}: ${error}`)).finally(() => running.delete(tracked));
    running.add(tracked);
  }

  /** Waits for a first message, then for more until the batch is full or the window is over. */
  async function gather(): Promise<Message[]> {
    const batch = await receive(LONG_POLL_SECONDS, properties.BatchSize);
    const end = Date.now() + windowMs;
    while (batch.length > 0 && batch.length < properties.BatchSize && Date.now() < end && !stopping.signal.aborted)
      batch.push(...(await receive(Math.ceil((end - Date.now()) / 1000), properties.BatchSize - batch.length)));
    return batch;
  }

  async function receive(waitSeconds: number, wanted: number): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(wanted, RECEIVE_LIMIT),
      WaitTimeSeconds: Math.min(waitSeconds, LONG_POLL_SECONDS),
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    return (await client.send(command, { abortSignal: stopping.signal })).Messages ?? [];
  }

  async function deliver(messages: Message[]): Promise<void> {
    const result = await target.invoke({
      Records: messages.map((message) => recordOf(message, properties.EventSourceArn)),
    });
    const ids = messages.map(({ MessageId = '' }) => MessageId);
    const failed = failedItems(result, ids, properties.FunctionResponseTypes.length > 0);
    const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
    for (let start = 0; start < done.length; start += RECEIVE_LIMIT)
      await remove(done.slice(start, start + RECEIVE_LIMIT));
  }

  async function remove(messages: Message[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} messages not deleted: ${Failed[0]?.Message}`);
  }

  return {
    async stop() {
      stopping.abort();
      await polling;
      await Promise.all(running);
      client.destroy();
    },
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
function recordOf(message: Message, eventSourceARN: string): object {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      stringValue: value.StringValue,
      binaryValue: value.BinaryValue && Buffer.from(value.BinaryValue).toString('base64'),
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message.MD5OfBody,
    md5OfMessageAttributes: message.MD5OfMessageAttributes,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: REGION,
  };
}
