import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { boundedClient } from './awsClient.ts';

export type WorkQueue = ReturnType<typeof createWorkQueue>;

const messageSchema = z.object({ requestId: z.string().check(z.minLength(1)) });

/** An SQS queue of nudges: a message says which request wants looking at, and nothing else. */
export function createWorkQueue(queueUrl: string) {
  const client = new SQSClient(boundedClient);

  async function send(requestId: string): Promise<void> {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ requestId }) }));
  }

  /** Makes a message that failed visible again after `seconds` instead of the queue's whole visibility timeout. */
  async function retryIn(seconds: number, receiptHandle: string): Promise<void> {
    const VisibilityTimeout = Math.ceil(seconds);
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }),
    );
  }

  return { send, retryIn };
}

/** @returns undefined for a body that no sender of ours wrote */
export function requestIdOf(messageBody: string): string | undefined {
  try {
    return messageSchema.parse(JSON.parse(messageBody)).requestId;
  } catch {
    return undefined;
  }
}
