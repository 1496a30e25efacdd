import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Environment } from '../../workers/inference/index.ts';
import type { Bundles } from '../bundling/bundles.ts';
import type { Options } from '../options.ts';
import { DEAD_LETTER_TIMEOUT } from './deadLetterWorker.ts';
import { setting } from './grant.ts';
import type { Handover } from './handover.ts';
import type { ModelAccess } from './model.ts';
import { ProductFunction } from './productFunction.ts';
import type { RequestTable } from './requestTable.ts';
import type { UploadBucket } from './uploadBucket.ts';
import { WorkQueue } from './workQueue.ts';

interface InferenceWorkerProps {
  bundles: Bundles;
  requests: RequestTable;
  uploads: UploadBucket;
  enrichmentQueue: WorkQueue;
  handover: Handover;
  model: ModelAccess;
  options: Pick<Options, 'inference' | 'inferenceMaxConcurrency'>;
}

/** 1,769 MB are one vCPU: close to two of them, at the most that a new AWS account may ask for. */
const MEMORY_MB = 3008;

/** Of one invocation; keeps both cores busy, measured in docs/decisions/inference-threads.md. */
export const PHOTOS_AT_ONCE = 6;

/** The function that classifies, and its queue. */
export class InferenceWorker extends Construct {
  readonly queue: WorkQueue;
  readonly worker: ProductFunction;

  constructor(scope: Construct, id: string, props: InferenceWorkerProps) {
    super(scope, id);
    const { bundles, requests, uploads, enrichmentQueue, handover, model, options } = props;
    // A batch takes a second; a cold SageMaker endpoint a minute before it begins.
    const timeout = Duration.seconds(options.inference === 'sagemaker' ? 120 : 30);
    this.queue = new WorkQueue(scope, 'InferenceQueue', { worker: timeout, deadLetter: DEAD_LETTER_TIMEOUT });
    this.worker = new ProductFunction<Environment>(scope, 'inference', {
      bundles,
      memoryMb: MEMORY_MB,
      timeout,
      network: handover.network,
      environment: {
        REQUEST_TABLE_NAME: requests.grant('dynamodb:GetItem', 'dynamodb:PutItem'),
        UPLOAD_BUCKET_NAME: uploads.grant('s3:GetObject', 's3:DeleteObject'),
        INFERENCE_QUEUE_URL: this.queue.grant('sqs:ChangeMessageVisibility'),
        ENRICHMENT_QUEUE_URL: enrichmentQueue.grant('sqs:SendMessage'),
        LEASE_SECONDS: setting(timeout.toSeconds()),
        PHOTOS_AT_ONCE: setting(PHOTOS_AT_ONCE),
      },
      optional: { ...handover.put(), ...model },
    });
    // All of a batch at once: none waits for a photo that takes long, and is killed with the function before its turn.
    this.queue.feed(this.worker, { batchSize: PHOTOS_AT_ONCE, maxConcurrency: options.inferenceMaxConcurrency });
  }
}
