import { environment } from '../adapters/environment.ts';
import { createImageStore } from '../adapters/imageStore.ts';
import { createWorkQueue } from '../adapters/queues.ts';
import { createRateLimiter } from '../adapters/rateLimiter.ts';
import { createRequestStore } from '../adapters/requestStore.ts';
import { notFound } from '../core/errors.ts';
import { viewOf } from '../core/requestView.ts';
import { retry } from '../core/transitions.ts';
import { fieldHandler } from './field.ts';
import { ownLiveRequest, requestIdArguments } from './ownRequest.ts';

const env = environment([
  'REQUEST_TABLE_NAME',
  'RATE_LIMIT_TABLE_NAME',
  'SUBMISSIONS_PER_MINUTE',
  'UPLOAD_BUCKET_NAME',
  'INFERENCE_QUEUE_URL',
]);
export type Environment = typeof env;

const requests = createRequestStore(env.REQUEST_TABLE_NAME);
const rateLimiter = createRateLimiter(env.RATE_LIMIT_TABLE_NAME, Number(env.SUBMISSIONS_PER_MINUTE));
const images = createImageStore(env.UPLOAD_BUCKET_NAME);
const inferenceQueue = createWorkQueue(env.INFERENCE_QUEUE_URL);

export const handler = fieldHandler<'Mutation.retryRequest'>(requestIdArguments, async ({ requestId }, owner) => {
  const current = ownLiveRequest(await requests.get(requestId), owner);
  // Retried already, by a call whose message may not have gone out: nudge again.
  const again = current.status === 'PENDING' && current.attempt > 0 ? current : await putBack(requestId, owner);
  await inferenceQueue.send(requestId);
  return viewOf(again);
});

async function putBack(requestId: string, owner: string) {
  const change = await requests.change(requestId, async (request) => {
    const own = ownLiveRequest(request, owner);
    const pending = retry(own, new Date());
    await rateLimiter.count(owner);
    await images.pin(own.image.key);
    return pending;
  });
  if (!change) throw notFound();
  return change.after;
}
