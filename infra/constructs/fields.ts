import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Environment as CancelRequest } from '../../resolvers/Mutation.cancelRequest.ts';
import type { Environment as CreateUpload } from '../../resolvers/Mutation.createUpload.ts';
import type { Environment as DeleteRequest } from '../../resolvers/Mutation.deleteRequest.ts';
import type { Environment as RetryRequest } from '../../resolvers/Mutation.retryRequest.ts';
import type { Environment as SubmitRequest } from '../../resolvers/Mutation.submitRequest.ts';
import type { Environment as GetModel } from '../../resolvers/Query.getModel.ts';
import type { Environment as GetResult } from '../../resolvers/Query.getResult.ts';
import type { Environment as ListRequests } from '../../resolvers/Query.listRequests.ts';
import type { Bundles, FunctionName } from '../bundling/bundles.ts';
import type { Options } from '../options.ts';
import type { Api } from './api.ts';
import { type Granted, setting } from './grant.ts';
import { ProductFunction } from './productFunction.ts';
import type { RateLimitTable } from './rateLimitTable.ts';
import type { RequestTable } from './requestTable.ts';
import type { UploadBucket } from './uploadBucket.ts';
import type { WorkQueue } from './workQueue.ts';

interface FieldsProps {
  bundles: Bundles;
  api: Api;
  /** resolvers/invokeLambda.js */
  code: string;
  requests: RequestTable;
  rateLimits: RateLimitTable;
  uploads: UploadBucket;
  inferenceQueue: WorkQueue;
  options: Options;
}

/** Somebody waits: memory is also CPU, and a cold start is mostly the loading of the SDK. */
const MEMORY_MB = 1024;
/** Less than the 30 seconds that AppSync waits, so that the error is ours. */
const TIMEOUT = Duration.seconds(28);

/** The functions behind the fields of Query and Mutation, each with what it needs and no more. */
export function addFields(scope: Construct, props: FieldsProps): void {
  const { api, requests, rateLimits, uploads, inferenceQueue, options } = props;
  mutation<CreateUpload>('createUpload', { UPLOAD_BUCKET_NAME: uploads.grant('s3:PutObject') });
  mutation<SubmitRequest>('submitRequest', {
    REQUEST_TABLE_NAME: requests.grant('dynamodb:GetItem', 'dynamodb:PutItem'),
    RATE_LIMIT_TABLE_NAME: rateLimits.grantCount(),
    SUBMISSIONS_PER_MINUTE: setting(options.submissionsPerMinute),
    UPLOAD_BUCKET_NAME: uploads.grant('s3:GetObject'),
    INFERENCE_QUEUE_URL: inferenceQueue.grant('sqs:SendMessage'),
    RETENTION_DAYS: setting(options.retentionDays),
  });
  mutation<CancelRequest>('cancelRequest', {
    REQUEST_TABLE_NAME: requests.grant('dynamodb:GetItem', 'dynamodb:PutItem'),
    UPLOAD_BUCKET_NAME: uploads.grant('s3:DeleteObject'),
  });
  mutation<RetryRequest>('retryRequest', {
    REQUEST_TABLE_NAME: requests.grant('dynamodb:GetItem', 'dynamodb:PutItem'),
    RATE_LIMIT_TABLE_NAME: rateLimits.grantCount(),
    SUBMISSIONS_PER_MINUTE: setting(options.submissionsPerMinute),
    UPLOAD_BUCKET_NAME: uploads.grant('s3:GetObject'),
    INFERENCE_QUEUE_URL: inferenceQueue.grant('sqs:SendMessage'),
  });
  mutation<DeleteRequest>('deleteRequest', {
    REQUEST_TABLE_NAME: requests.grant('dynamodb:GetItem', 'dynamodb:PutItem'),
    UPLOAD_BUCKET_NAME: uploads.grant('s3:DeleteObject'),
  });
  query<GetResult>('getResult', { REQUEST_TABLE_NAME: requests.grant('dynamodb:GetItem') });
  query<ListRequests>('listRequests', { REQUEST_TABLE_NAME: requests.grantQuery('byOwner') });
  query<GetModel>('getModel', {});

  function mutation<Environment>(name: FunctionName, environment: Granted<Environment>): void {
    api.resolveBy(fieldFunction(name, environment), 'Mutation', name, props.code);
  }

  function query<Environment>(name: FunctionName, environment: Granted<Environment>): void {
    api.resolveBy(fieldFunction(name, environment), 'Query', name, props.code);
  }

  function fieldFunction<Environment>(name: FunctionName, environment: Granted<Environment>): ProductFunction {
    const { bundles } = props;
    return new ProductFunction(scope, name, { bundles, environment, memoryMb: MEMORY_MB, timeout: TIMEOUT });
  }
}
