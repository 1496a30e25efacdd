import { createOpenAiDescriber } from '../../adapters/describer/openai.ts';
import { environment } from '../../adapters/environment.ts';
import { createWorkQueue } from '../../adapters/queues.ts';
import { createRequestStore } from '../../adapters/requestStore.ts';
import { createApiKeySource } from '../../adapters/secrets.ts';
import { handoverFrom } from '../handoverFromEnvironment.ts';
import { queueHandler } from '../queueHandler.ts';
import { describeRequest } from './describeRequest.ts';

const env = environment(['REQUEST_TABLE_NAME', 'ENRICHMENT_QUEUE_URL', 'OPENAI_SECRET_ARN', 'OPENAI_MODEL']);
export type Environment = typeof env;

const worker = {
  requests: createRequestStore(env.REQUEST_TABLE_NAME),
  handover: handoverFrom(process.env),
  describer: createOpenAiDescriber(createApiKeySource(env.OPENAI_SECRET_ARN), env.OPENAI_MODEL),
  now: () => new Date(),
};

export const handler = queueHandler({
  process: (requestId) => describeRequest(worker, requestId),
  // All waiting on the LLM at once: the batch takes as long as its slowest.
  concurrency: 10,
  queue: createWorkQueue(env.ENRICHMENT_QUEUE_URL),
});
