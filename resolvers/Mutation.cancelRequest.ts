import { environment } from '../adapters/environment.ts';
import { createImageStore } from '../adapters/imageStore.ts';
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
  const change = await requests.change(requestId, async (request) => {
    const own = ownLiveRequest(request, owner);
    const cancelled = cancel(own, new Date());
    // First the photo: were this call to die in between, it is the photo that must not stay.
    await images.remove(own.image.key);
    return cancelled;
  });
  if (!change) throw notFound();
  return viewOf(change.after);
});
