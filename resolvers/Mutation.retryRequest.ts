import { environment } from '../adapters/environment.ts';
import { createImageStore } from '../adapters/imageStore.ts';
import { createWorkQueue } from '../adapters/queues.ts';
import { createRateLimiter } from '../adapters/rateLimiter.ts';
import { createRequestStore } from '../adapters/requestStore.ts';
import { notFound } from '../core/errors.ts';
import { isTerminal } from '../core/lifecycle.ts';
import type { LiveRequest } from '../core/request.ts';
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
  const change = await requests.change(requestId, async (request) => {
    const own = ownLiveRequest(request, owner);
    if (isRetried(own)) return undefined;
    const pending = retry(own, new Date());
    await rateLimiter.count(owner, `${requestId} ${own.version}`);
    await images.pin(own.image.key).catch(async (error: unknown) => {
      // A twin of this call may have been so much faster that the photo has come and gone: then that is the answer.
      retry(ownLiveRequest(await requests.get(requestId), owner), new Date());
      throw error;
    });
    return pending;
  });
  const retried = change?.after ?? ownLiveRequest(await requests.get(requestId), owner);
  if (!isRetried(retried)) throw notFound();
  // Also for one that was retried before: that call's message may not have gone out.
  if (retried.status === 'PENDING') await inferenceQueue.send(requestId);
  return viewOf(retried);
});

/** Under way again, by a call beside this one or one whose answer was lost. */
function isRetried({ status, timeline }: LiveRequest): boolean {
  return !isTerminal(status) && timeline.some((entry) => entry.status === 'FAILED');
}
