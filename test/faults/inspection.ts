import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { requestFromItem } from '../../adapters/requestStore.ts';
import { ADMIN_ACCESS_KEY, REGION, SECRET_ACCESS_KEY } from '../../cloud/engine.ts';
import type { LesionRequest } from '../../core/request.ts';
import type { Address } from './hostProcess.ts';

export type Work = 'inference' | 'enrichment';

/** Seconds; the template's minutes would only be waited for. */
const VISIBILITY = '10';

export type Admin = ReturnType<typeof createAdmin>;

/** What an operator can see and do, through the same SDK as everyone. */
export function createAdmin({ gatewayUrl, outputs }: Address) {
  const credentials = { accessKeyId: ADMIN_ACCESS_KEY, secretAccessKey: SECRET_ACCESS_KEY };
  const client = { endpoint: gatewayUrl, region: REGION, credentials };
  const sqs = new SQSClient(client);
  const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(client));
  const { InferenceQueueUrl = '', EnrichmentQueueUrl = '', PublisherFailureQueueUrl = '' } = outputs;
  const queues: Record<Work, string> = { inference: InferenceQueueUrl, enrichment: EnrichmentQueueUrl };

  async function attributesOf(QueueUrl: string): Promise<Record<string, string>> {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    return Attributes ?? {};
  }

  async function deadLettersOf(work: Work): Promise<string> {
    const { RedrivePolicy = '' } = await attributesOf(queues[work]);
    const name = /"deadLetterTargetArn":"[^"]*:([^":]+)"/.exec(RedrivePolicy)?.[1] ?? '';
    return `${queues[work].slice(0, queues[work].lastIndexOf('/'))}/${name}`;
  }

  async function countMessages(QueueUrl: string): Promise<number> {
    const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = await attributesOf(QueueUrl);
    return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
  }

  async function receive(work: Work): Promise<Message[]> {
    const command = new ReceiveMessageCommand({ QueueUrl: queues[work], MaxNumberOfMessages: 10 });
    return (await sqs.send(command)).Messages ?? [];
  }

  const hide = (work: Work, ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queues[work], ReceiptHandle, VisibilityTimeout }));
  const send = (QueueUrl: string, MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const nudge = (requestId: string) => JSON.stringify({ requestId });

  return {
    /** What a worker dropped comes back soon, of the dead letters too. */
    async hurry(): Promise<void> {
      const Attributes = { VisibilityTimeout: VISIBILITY };
      for (const work of ['inference', 'enrichment'] as const) {
        for (const QueueUrl of [queues[work], await deadLettersOf(work)]) {
          await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
        }
      }
    },
    nudge: (work: Work, requestId: string) => send(queues[work], nudge(requestId)),
    send: (work: Work, body: string) => send(queues[work], body),
    useUpTries: async (work: Work, requestId: string) => send(await deadLettersOf(work), nudge(requestId)),
    /** As SQS may do of itself: what waits there comes a second time. */
    async copyMessages(work: Work): Promise<void> {
      const messages = await receive(work);
      for (const { Body = '' } of messages) await send(queues[work], Body);
      for (const { ReceiptHandle } of messages) await hide(work, ReceiptHandle, 0);
    },
    /** Puts the first messages behind the others, the first of all last. */
    async disorder(work: Work): Promise<void> {
      const messages = await receive(work);
      for (const [index, { ReceiptHandle }] of messages.reverse().entries()) {
        await hide(work, ReceiptHandle, Math.floor(index / 3));
      }
    },
    async countDeadLetters(): Promise<Record<Work | 'publisher', number>> {
      return {
        inference: await countMessages(await deadLettersOf('inference')),
        enrichment: await countMessages(await deadLettersOf('enrichment')),
        publisher: await countMessages(PublisherFailureQueueUrl),
      };
    },
    async scan(): Promise<Map<string, LesionRequest>> {
      const requests = new Map<string, LesionRequest>();
      const pages = paginateScan({ client: dynamoDb }, { TableName: outputs.RequestTableName });
      for await (const { Items = [] } of pages) {
        for (const request of Items.map(requestFromItem)) requests.set(request.requestId, request);
      }
      return requests;
    },
    close(): void {
      for (const one of [sqs, dynamoDb]) one.destroy();
    },
  };
}
