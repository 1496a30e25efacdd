import { environment } from '../adapters/environment.ts';
import { createImageStore } from '../adapters/imageStore.ts';
import { log } from '../adapters/log.ts';
import { createRequestStore } from '../adapters/requestStore.ts';
import { notFound } from '../core/errors.ts';
import type { LesionRequest } from '../core/request.ts';
import { viewOf } from '../core/requestView.ts';
import { cancel } from '../core/transitions.ts';
import { fieldHandler } from './field.ts';
import { ownLiveRequest, requestIdArguments } from './ownRequest.ts';

const env = environment(['REQUEST_TABLE_NAME', 'UPLOAD_BUCKET_NAME']);
export type Environment = typeof env;

const requests = createRequestStore(env.REQUEST_TABLE_NAME);
const images = createImageStore(env.UPLOAD_BUCKET_NAME);

export const handler = fieldHandler<'Mutation.cancelRequest'>(requestIdArguments, async ({ requestId }, owner) => {
  const current = ownLiveRequest(await requests.get(requestId), owner);
  // Cancelled already, by a call whose answer was lost.
  if (current.status === 'CANCELLED') return viewOf(current);
  const decide = (request: LesionRequest) => cancel(ownLiveRequest(request, owner), new Date());
  const change = await requests.change(requestId, decide, current);
  if (!change) throw notFound();
  const { image } = change.after;
  // Not before: a worker that missed the photo would have the request FAILED.
  await images.remove(image.key).catch((error) => log.warn('photo left to the sweeper', { requestId, error }));
  return viewOf(change.after);
});
