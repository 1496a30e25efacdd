import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { createImageStore } from '../../adapters/imageStore.ts';
import { createWorkQueue } from '../../adapters/queues.ts';
import { createRequestStore } from '../../adapters/requestStore.ts';
import type { Briefing, Handover } from '../../core/description/briefing.ts';
import { LesionError } from '../../core/errors.ts';
import { aResult } from '../../core/testing/requests.ts';
import { giveUp } from '../../workers/deadLetter/giveUp.ts';
import { describeRequest } from '../../workers/enrichment/describeRequest.ts';
import { classifyRequest } from '../../workers/inference/classifyRequest.ts';
import { queueHandler } from '../../workers/queueHandler.ts';
import { sweep } from '../../workers/sweeper/sweep.ts';
import { takeTime } from './actors.ts';
import { type Engines, LEASE, type QueueName, startEngines } from './engines.ts';

export const OWNER = 'cognito#alice';
const identity = { sub: 'alice', issuer: 'tests' };
export const GOOD_PHOTO = 'a photo';

export type World = Awaited<ReturnType<typeof openWorld>>;

/** The product's functions as they are, on the embedded engines. Model, LLM and Redis alone are stand-ins. */
export async function openWorld() {
  const engines = await startEngines();
  const workers = createWorkers(engines);
  const client = new SQSClient();
  // They read the environment when they are loaded, as they do in Lambda.
  const [submit, cancel, remove, retry] = await Promise.all([
    import('../../resolvers/Mutation.submitRequest.ts'),
    import('../../resolvers/Mutation.cancelRequest.ts'),
    import('../../resolvers/Mutation.deleteRequest.ts'),
    import('../../resolvers/Mutation.retryRequest.ts'),
  ]);

  /** What Lambda does once with a queue. Answers how many messages there were. */
  async function deliver(name: QueueName): Promise<number> {
    const QueueUrl = engines.queueUrl(name);
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] }),
    );
    if (Messages.length === 0) return 0;
    const { batchItemFailures } = await workers.handlers[name]({ Records: Messages.map(recordOf) });
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { MessageId = '', ReceiptHandle } of Messages) {
      if (!failed.has(MessageId)) await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    return Messages.length;
  }

  return {
    ...engines,
    requests: workers.requests,
    hasPhoto: workers.hasPhoto,
    hasHandover: workers.hasHandover,
    deliver,
    sweep: workers.sweep,
    submit: (input: object) => submit.handler({ arguments: { input }, identity }),
    cancel: (requestId: string) => cancel.handler({ arguments: { requestId }, identity }),
    remove: (requestId: string) => remove.handler({ arguments: { requestId }, identity }),
    retry: (requestId: string) => retry.handler({ arguments: { requestId }, identity }),
    nudge: (name: QueueName, requestId: string) =>
      client.send(
        new SendMessageCommand({ QueueUrl: engines.queueUrl(name), MessageBody: JSON.stringify({ requestId }) }),
      ),
    /** In all queues, whether they can be received at present or not. */
    async countMessages(): Promise<number> {
      const counts = await Promise.all(
        engines.queueUrls.map(async (QueueUrl) => {
          const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
          const { Attributes = {} } = await client.send(command);
          const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
          return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
        }),
      );
      return counts.reduce((sum, count) => sum + count);
    },
    loseQueues: () =>
      Promise.all(engines.queueUrls.map((QueueUrl) => client.send(new PurgeQueueCommand({ QueueUrl })))),
    async close(): Promise<void> {
      client.destroy();
      await engines.stop();
    },
  };
}

function createWorkers({ tableName, bucketName, queueUrl }: Engines) {
  const requests = createRequestStore(tableName);
  const images = createImageStore(bucketName);
  const inferenceQueue = createWorkQueue(queueUrl('inference'));
  const enrichmentQueue = createWorkQueue(queueUrl('enrichment'));
  const now = () => new Date();
  const kept = new Map<string, Handover>();
  const handover = {
    put: async (requestId: string, value: Handover) => void kept.set(requestId, value),
    get: async (requestId: string) => kept.get(requestId),
    remove: async (requestId: string) => void kept.delete(requestId),
  };
  const describer = {
    async describe({ triageStatement, disclaimer }: Briefing) {
      await takeTime();
      return { text: `${triageStatement} ${disclaimer}`, model: 'test' };
    },
  };
  const inference = { requests, images, enrichmentQueue, handover, classify, leaseSeconds: LEASE, now };
  const enrichment = { requests, handover, describer, now };
  const deadLetter = queueHandler({
    process: async (requestId, { messageId, attributes }) => {
      const letter = { messageId, sentAt: new Date(Number(attributes.SentTimestamp)) };
      await requests.change(requestId, (request) => giveUp(request, letter, now()));
    },
    concurrency: 5,
  });

  return {
    requests,
    hasHandover: (requestId: string) => kept.has(requestId),
    handlers: {
      inference: queueHandler({
        process: (requestId, { messageId }) => classifyRequest(inference, requestId, messageId),
        concurrency: 3,
        queue: inferenceQueue,
      }),
      enrichment: queueHandler({
        process: (requestId) => describeRequest(enrichment, requestId),
        concurrency: 10,
        queue: enrichmentQueue,
      }),
      'inference-dead': deadLetter,
      'enrichment-dead': deadLetter,
    },
    sweep: (queuesLost: boolean) =>
      sweep(
        { requests, images, queues: { inference: inferenceQueue, enrichment: enrichmentQueue }, now },
        { queuesLost },
      ),
    async hasPhoto(key: string): Promise<boolean> {
      try {
        await images.pin(key);
        return true;
      } catch (error) {
        if (error instanceof LesionError && error.type === 'ImageNotFound') return false;
        throw error;
      }
    },
  };
}

/** The model's stand-in. */
async function classify(bytes: Uint8Array) {
  await takeTime();
  if (new TextDecoder().decode(bytes) !== GOOD_PHOTO) throw new LesionError('UnsupportedImage', 'No photo.');
  const { timings: _, ...result } = aResult();
  return {
    result,
    scores: { probabilities: [], distance: null, modality: null },
    timings: { decode: 1, inference: 1, post: 1 },
  };
}

function recordOf({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }: Message): SQSRecord {
  const attributes = {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '0',
    ...Attributes,
  };
  const queue = { messageAttributes: {}, md5OfBody: '', eventSource: 'aws:sqs', eventSourceARN: '', awsRegion: '' };
  return { messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes, ...queue };
}
