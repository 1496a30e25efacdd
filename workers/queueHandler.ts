import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { log } from '../adapters/log.ts';
import { requestIdOf, type WorkQueue } from '../adapters/queues.ts';

/** Thrown by a processor to have its message again after a given time: nothing failed, it is only too early. */
export class TryLater extends Error {
  override readonly name = 'TryLater';
  readonly seconds: number;

  constructor(seconds: number) {
    super(`Try again in ${seconds} s`);
    this.seconds = seconds;
  }
}

export interface QueueHandlerOptions {
  /** Does what the request needs, or throws to have the message again. */
  process(requestId: string, message: SQSRecord): Promise<void>;
  /** How many messages of a batch at once. */
  concurrency: number;
  /** Where failed messages wait for their next try; without it they wait the queue's visibility timeout. */
  queue?: Pick<WorkQueue, 'retryIn'>;
}

/** An SQS handler with partial batch failures: one poisoned message takes none of its batch along. */
export function queueHandler(options: QueueHandlerOptions) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const failed: string[] = [];
    const waiting = [...event.Records];
    const lane = async () => {
      for (let record = waiting.shift(); record; record = waiting.shift()) {
        if (!(await handle(record, options))) failed.push(record.messageId);
      }
    };
    await Promise.all(Array.from({ length: options.concurrency }, lane));
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

async function handle(record: SQSRecord, options: QueueHandlerOptions): Promise<boolean> {
  const requestId = requestIdOf(record.body);
  if (!requestId) {
    log.error('message dropped: not one of ours', { reason: record.messageId });
    return true;
  }
  try {
    await options.process(requestId, record);
    return true;
  } catch (error) {
    const tries = Number(record.attributes.ApproximateReceiveCount);
    log.warn('message goes back to the queue', { requestId, attempt: tries, error });
    const seconds = error instanceof TryLater ? error.seconds : backOffSeconds(tries);
    await options.queue?.retryIn(seconds, record.receiptHandle).catch(() => {});
    return false;
  }
}

/**
 * 5, 20, 80, then 120 seconds, up to half of it taken off at random, so that what failed together does not return
 * together. Four of them outlast anything that is dead for a minute, before the fifth receive is the last.
 */
function backOffSeconds(tries: number): number {
  const longest = Math.min(5 * 4 ** (tries - 1), 120);
  return longest * (1 - Math.random() / 2);
}
