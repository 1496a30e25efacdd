import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Environment } from '../../workers/deadLetter/index.ts';
import type { Bundles } from '../bundling/bundles.ts';
import { ProductFunction } from './productFunction.ts';
import type { RequestTable } from './requestTable.ts';
import type { WorkQueue } from './workQueue.ts';

export const DEAD_LETTER_TIMEOUT = Duration.seconds(30);

/** The function that ends the requests whose messages nobody could work off. */
export function addDeadLetterWorker(
  scope: Construct,
  { bundles, requests, queues }: { bundles: Bundles; requests: RequestTable; queues: WorkQueue[] },
): void {
  const worker = new ProductFunction<Environment>(scope, 'deadLetter', {
    bundles,
    memoryMb: 512,
    timeout: DEAD_LETTER_TIMEOUT,
    environment: { REQUEST_TABLE_NAME: requests.grant('dynamodb:GetItem', 'dynamodb:PutItem') },
  });
  for (const queue of queues) queue.feedDeadLetters(worker);
}
