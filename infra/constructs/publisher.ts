import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Environment } from '../../workers/publisher/index.ts';
import type { Bundles } from '../bundling/bundles.ts';
import type { Api } from './api.ts';
import { allow } from './grant.ts';
import { ProductFunction } from './productFunction.ts';
import type { RequestTable } from './requestTable.ts';
import { failureQueue } from './workQueue.ts';

/** Requests, new or changed. What TTL or an operator removes is nobody's news. */
const FILTER = FilterCriteria.filter({
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: { NewImage: { status: { S: [{ exists: true }] } } },
});

/** The function that turns every change of the request table into a push. */
export class Publisher extends Construct {
  readonly worker: ProductFunction;
  readonly failures: Queue;

  constructor(
    scope: Construct,
    id: string,
    { bundles, api, requests }: { bundles: Bundles; api: Api; requests: RequestTable },
  ) {
    super(scope, id);
    // Lambda sends there where a batch stood in the stream, never what was in it.
    this.failures = failureQueue(scope, 'PublisherFailures');
    this.worker = new ProductFunction<Environment>(scope, 'publisher', {
      bundles,
      memoryMb: 512,
      timeout: Duration.seconds(60),
      environment: { GRAPHQL_URL: api.grantPublish() },
    });
    this.worker.allow(...requests.streamReading(), allow(['sqs:SendMessage'], this.failures.queueArn));
    new EventSourceMapping(this.worker, 'Changes', {
      target: this.worker.lambda,
      eventSourceArn: requests.streamArn,
      // LATEST misses what happens in the minutes until polling begins. A version pushed twice does no harm, and what
      // is older than two minutes is dropped: the client's own watchdog has read it by then.
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [FILTER],
      batchSize: 100,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 5,
      maxRecordAge: Duration.seconds(120),
      onFailure: { bind: () => ({ destination: this.failures.queueArn }) },
    });
  }
}
