import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ModelDirectory } from '../models/modelDirectory.ts';
import type { Bundles } from './bundling/bundles.ts';
import { Api } from './constructs/api.ts';
import { addDeadLetterWorker } from './constructs/deadLetterWorker.ts';
import { EnrichmentWorker } from './constructs/enrichmentWorker.ts';
import { addFields } from './constructs/fields.ts';
import { InferenceWorker, PHOTOS_AT_ONCE } from './constructs/inferenceWorker.ts';
import { type ModelAccess, modelInS3 } from './constructs/model.ts';
import { Monitoring } from './constructs/monitoring.ts';
import { Publisher } from './constructs/publisher.ts';
import { RateLimitTable } from './constructs/rateLimitTable.ts';
import { RedisHandover } from './constructs/redisHandover.ts';
import { RequestTable } from './constructs/requestTable.ts';
import { s3Handover } from './constructs/s3Handover.ts';
import { SageMakerEndpoint } from './constructs/sageMakerEndpoint.ts';
import { SignIn } from './constructs/signIn.ts';
import { Sweeper } from './constructs/sweeper.ts';
import { UploadBucket } from './constructs/uploadBucket.ts';
import { modelArchive } from './modelArchive.ts';
import type { Options } from './options.ts';
import { schemaDefinition } from './schemaDefinition.ts';

interface SkinLesionStackProps {
  options: Options;
  /** The repository. */
  root: string;
  /** For files made on the way. */
  outdir: string;
  bundles: Bundles;
  model: ModelDirectory;
  now: Date;
}

/** The whole product. What each part is made of stands in constructs/. */
export class SkinLesionStack extends Stack {
  constructor(scope: Construct, id: string, props: SkinLesionStackProps) {
    super(scope, id, { description: 'Skin lesion API: classifies photos of skin lesions and pushes the results' });
    const { options, bundles, now } = props;
    const source = (path: string) => readFileSync(join(props.root, path), 'utf8');

    const requests = new RequestTable(this, 'RequestTable');
    const rateLimits = new RateLimitTable(this, 'RateLimitTable');
    const uploads = new UploadBucket(this, 'UploadBucket');
    const signIn = new SignIn(this, 'SignIn');

    const api = new Api(this, 'Api', {
      signIn,
      schema: schemaDefinition(source('schema.graphql'), options.apiKey),
      introspection: options.introspection,
      apiKeyExpires: options.apiKey ? apiKeyExpiry(now) : undefined,
    });
    api.resolveLocally(
      (['Mutation.publishRequestUpdate', 'Subscription.onRequestUpdated'] as const).map((name) => {
        const [typeName = '', fieldName = ''] = name.split('.');
        return { typeName, fieldName, code: source(`resolvers/${name}.js`) };
      }),
    );

    const handover = options.cache === 'redis' ? new RedisHandover(this, 'Handover') : s3Handover(uploads);
    const enrichment = new EnrichmentWorker(this, 'Enrichment', { bundles, requests, handover, options });
    const inference = new InferenceWorker(this, 'Inference', {
      bundles,
      requests,
      uploads,
      enrichmentQueue: enrichment.queue,
      handover,
      model: this.modelAccess(props),
      options,
    });
    const queues = { inferenceQueue: inference.queue, enrichmentQueue: enrichment.queue };

    const code = source('resolvers/invokeLambda.js');
    addFields(this, { bundles, api, code, requests, rateLimits, uploads, inferenceQueue: inference.queue, options });
    const publisher = new Publisher(this, 'Publisher', { bundles, api, requests });
    addDeadLetterWorker(this, { bundles, requests, queues: Object.values(queues) });
    const sweeper = new Sweeper(this, 'Sweeper', { bundles, requests, uploads, ...queues });

    const monitoring = new Monitoring(this, 'Monitoring', {
      api,
      queues: { classification: inference.queue, description: enrichment.queue },
      workers: { inference: inference.worker, enrichment: enrichment.worker, publisher: publisher.worker },
      publisher,
      sweeper,
    });

    this.output({
      GraphQLUrl: api.graphqlUrl,
      RealtimeUrl: api.realtimeUrl,
      Region: this.region,
      UserPoolId: signIn.userPool.userPoolId,
      UserPoolClientId: signIn.client.userPoolClientId,
      ...(api.apiKey && { ApiKey: api.apiKey }),
      UploadBucketName: uploads.name,
      RequestTableName: requests.name,
      InferenceQueueUrl: inference.queue.queue.queueUrl,
      EnrichmentQueueUrl: enrichment.queue.queue.queueUrl,
      PublisherFailureQueueUrl: publisher.failures.queueUrl,
      AlarmTopicArn: monitoring.topicArn,
      DashboardUrl: monitoring.dashboardUrl,
    });
  }

  private modelAccess({ options, model, outdir }: SkinLesionStackProps): ModelAccess {
    const inS3 = options.model === 's3';
    const { sagemakerImage: image, inferenceMaxConcurrency } = options;
    const maxConcurrency = Math.min(inferenceMaxConcurrency * PHOTOS_AT_ONCE, MOST_CONCURRENT_INVOCATIONS);
    if (options.inference === 'lambda' || !image) return inS3 ? modelInS3(this, 'Model', model) : {};
    const archive = inS3 ? modelArchive(model, outdir) : undefined;
    return new SageMakerEndpoint(this, 'Endpoint', { image, archive, maxConcurrency }).access;
  }

  private output(values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}

/** Of a serverless endpoint: SageMaker's own limit. */
const MOST_CONCURRENT_INVOCATIONS = 200;

/**
 * AppSync lets a key live for 365 days at most. Counted from the first of the month, so that the same sources give the
 * same template on most days, while each deployment of a new month prolongs the key.
 *
 * @returns epoch seconds
 */
export function apiKeyExpiry(now: Date): number {
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1 + 364) / 1000;
}
