import { Duration, SecretValue } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Environment } from '../../workers/enrichment/index.ts';
import type { Bundles } from '../bundling/bundles.ts';
import type { Options } from '../options.ts';
import { DEAD_LETTER_TIMEOUT } from './deadLetterWorker.ts';
import { allow, type Grant, setting } from './grant.ts';
import type { Handover } from './handover.ts';
import { ProductFunction } from './productFunction.ts';
import type { RequestTable } from './requestTable.ts';
import { WorkQueue } from './workQueue.ts';

interface EnrichmentWorkerProps {
  bundles: Bundles;
  requests: RequestTable;
  handover: Handover;
  options: Pick<Options, 'openaiModel'>;
}

/** The LLM may take 50 seconds, its retries included. */
const TIMEOUT = Duration.seconds(90);

/** The function that describes, its queue, and the key of the LLM. */
export class EnrichmentWorker extends Construct {
  readonly queue: WorkQueue;
  readonly worker: ProductFunction;

  constructor(scope: Construct, id: string, { bundles, requests, handover, options }: EnrichmentWorkerProps) {
    super(scope, id);
    this.queue = new WorkQueue(scope, 'EnrichmentQueue', { worker: TIMEOUT, deadLetter: DEAD_LETTER_TIMEOUT });
    this.worker = new ProductFunction<Environment>(scope, 'enrichment', {
      bundles,
      memoryMb: 1024,
      timeout: TIMEOUT,
      network: handover.network,
      environment: {
        REQUEST_TABLE_NAME: requests.grant('dynamodb:GetItem', 'dynamodb:PutItem'),
        ENRICHMENT_QUEUE_URL: this.queue.grant('sqs:ChangeMessageVisibility'),
        OPENAI_SECRET_ARN: openAiKey(scope),
        OPENAI_MODEL: setting(options.openaiModel),
      },
      optional: handover.get(),
    });
    this.queue.feed(this.worker, { batchSize: 5, maxConcurrency: 10 });
  }
}

/** Made empty, and then filled in by an operator: a deployment changes a value only if the template's own changes. */
function openAiKey(scope: Construct): Grant {
  const secret = new Secret(scope, 'OpenAiKey', {
    description: 'The key of the OpenAI API, as {"apiKey": "..."}. Empty: descriptions come from a template.',
    secretObjectValue: { apiKey: SecretValue.unsafePlainText('') },
  });
  return { value: secret.secretArn, statements: [allow(['secretsmanager:GetSecretValue'], secret.secretArn)] };
}
