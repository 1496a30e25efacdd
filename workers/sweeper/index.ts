import { environment } from '../../adapters/environment.ts';
import { createImageStore } from '../../adapters/imageStore.ts';
import { createWorkQueue } from '../../adapters/queues.ts';
import { createRequestStore } from '../../adapters/requestStore.ts';
import { sweep } from './sweep.ts';

const env = environment(['REQUEST_TABLE_NAME', 'UPLOAD_BUCKET_NAME', 'INFERENCE_QUEUE_URL', 'ENRICHMENT_QUEUE_URL']);
export type Environment = typeof env;

const sweeper = {
  requests: createRequestStore(env.REQUEST_TABLE_NAME),
  images: createImageStore(env.UPLOAD_BUCKET_NAME),
  queues: {
    inference: createWorkQueue(env.INFERENCE_QUEUE_URL),
    enrichment: createWorkQueue(env.ENRICHMENT_QUEUE_URL),
  },
  now: () => new Date(),
};

/** Runs every minute; `{"queuesLost": true}` is for an operator whose queues were purged. */
export const handler = async (event: { queuesLost?: boolean }): Promise<{ attended: number }> => ({
  attended: await sweep(sweeper, { queuesLost: event.queuesLost === true }),
});
