import { environment } from '../adapters/environment.ts';
import { createImageStore } from '../adapters/imageStore.ts';
import { log } from '../adapters/log.ts';
import { createRequestStore } from '../adapters/requestStore.ts';
import { notFound } from '../core/errors.ts';
import { viewOf } from '../core/requestView.ts';
import { cancel } from '../core/transitions.ts';
import { fieldHandler } from './field.ts';
import { ownLiveRequest, requestIdArguments } from './ownRequest.ts';

const env = environment(['REQUEST_TABLE_NAME', 'UPLOAD_BUCKET_NAME']);
export type Environment = typeof env;

const requests = createRequestStore(env.REQUEST_TABLE_NAME);
const images = createImageStore(env.UPLOAD_BUCKET_NAME);

export const handler = fieldHandler<'Mutation.cancelRequest'>(requestIdArguments, async ({ requestId }, owner) => {
  const change = await requests.change(requestId, (request) => {
    const own = ownLiveRequest(request, owner);
    // Cancelled already, by a call beside this one or one whose answer was lost.
    return own.status === 'CANCELLED' ? undefined : cancel(own, new Date());
  });
  const cancelled = change?.after ?? ownLiveRequest(await requests.get(requestId), owner);
  if (cancelled.status !== 'CANCELLED') throw notFound();
  const { image } = cancelled;
  // Not before: a worker that missed the photo would try it again.
  await images.remove(image.key).catch((error) => log.warn('photo left to the sweeper', { requestId, error }));
  return viewOf(cancelled);
});
