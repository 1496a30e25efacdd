import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow, type Grant } from './grant.ts';
import type { ProductFunction } from './productFunction.ts';

type WorkQueueAction = 'sqs:SendMessage' | 'sqs:ChangeMessageVisibility';

/** The longest that SQS keeps anything. Dead letters keep the clock of the queue they come from. */
const LONGEST_RETENTION = Duration.days(14);
/** What Lambda's own guide asks for, so that retries of a throttled batch do not overlap with its first run. */
const VISIBILITY_PER_TIMEOUT = 6;

/** A queue of nudges for one worker, with its dead letters. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  /** @param timeouts of the functions that consume the queue and its dead letters */
  constructor(scope: Construct, id: string, timeouts: { worker: Duration; deadLetter: Duration }) {
    super(scope, id);
    this.deadLetters = encryptedQueue(this, 'DeadLetters', timeouts.deadLetter);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: visibilityFor(timeouts.worker),
      // Longer than the day after which the sweeper gives a request up.
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
  }

  grant(...actions: WorkQueueAction[]): Grant {
    return { value: this.queue.queueUrl, statements: [allow(actions, this.queue.queueArn)] };
  }

  feed(worker: ProductFunction, { batchSize, maxConcurrency }: { batchSize: number; maxConcurrency: number }): void {
    consume(worker, 'Messages', this.queue, { batchSize, maxConcurrency });
  }

  feedDeadLetters(worker: ProductFunction): void {
    consume(worker, `${this.node.id}DeadLetters`, this.deadLetters, { batchSize: 10 });
  }
}

/** A queue that only people empty. */
export function failureQueue(scope: Construct, id: string): Queue {
  return encryptedQueue(scope, id, Duration.seconds(30));
}

function encryptedQueue(scope: Construct, id: string, consumerTimeout: Duration): Queue {
  return new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    visibilityTimeout: visibilityFor(consumerTimeout),
    retentionPeriod: LONGEST_RETENTION,
  });
}

function visibilityFor(timeout: Duration): Duration {
  return Duration.seconds(VISIBILITY_PER_TIMEOUT * timeout.toSeconds());
}

function consume(
  worker: ProductFunction,
  id: string,
  queue: Queue,
  props: { batchSize: number; maxConcurrency?: number },
): void {
  worker.allow(allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queue.queueArn));
  new EventSourceMapping(worker, id, {
    target: worker.lambda,
    eventSourceArn: queue.queueArn,
    reportBatchItemFailures: true,
    ...props,
  });
}
