import { Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { Environment } from '../../workers/sweeper/index.ts';
import type { Bundles } from '../bundling/bundles.ts';
import { allow } from './grant.ts';
import { ProductFunction } from './productFunction.ts';
import type { RequestTable } from './requestTable.ts';
import type { UploadBucket } from './uploadBucket.ts';
import type { WorkQueue } from './workQueue.ts';

interface SweeperProps {
  bundles: Bundles;
  requests: RequestTable;
  uploads: UploadBucket;
  inferenceQueue: WorkQueue;
  enrichmentQueue: WorkQueue;
}

/** The function that looks at what is overdue, once a minute. */
export class Sweeper extends Construct {
  readonly worker: ProductFunction;

  constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id);
    const { bundles, requests, uploads, inferenceQueue, enrichmentQueue } = props;
    this.worker = new ProductFunction<Environment>(scope, 'sweeper', {
      bundles,
      memoryMb: 512,
      timeout: Duration.seconds(60),
      environment: {
        REQUEST_TABLE_NAME: requests.grantQuery('due', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
        UPLOAD_BUCKET_NAME: uploads.grant('s3:DeleteObject'),
        INFERENCE_QUEUE_URL: inferenceQueue.grant('sqs:SendMessage'),
        ENRICHMENT_QUEUE_URL: enrichmentQueue.grant('sqs:SendMessage'),
      },
    });
    // The next run is due in a minute and sees the same requests: nothing is gained by repeating this one.
    this.worker.lambda.configureAsyncInvoke({ retryAttempts: 0 });
    this.everyMinute();
  }

  private everyMinute(): void {
    const { functionArn } = this.worker.lambda;
    const assumedBy = new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    const role = new Role(this, 'CallerRole', { assumedBy });
    role.addToPolicy(allow(['lambda:InvokeFunction'], functionArn));
    new CfnSchedule(this, 'Schedule', {
      description: 'Looks for requests that are overdue',
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: { arn: functionArn, roleArn: role.roleArn, retryPolicy: { maximumRetryAttempts: 0 } },
    });
  }
}
