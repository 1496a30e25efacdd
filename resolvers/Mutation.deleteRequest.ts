import { environment } from '../adapters/environment.ts';
import { createImageStore } from '../adapters/imageStore.ts';
import { createRequestStore } from '../adapters/requestStore.ts';
import { notFound } from '../core/errors.ts';
import { viewOf } from '../core/requestView.ts';
import { erase } from '../core/transitions.ts';
import { fieldHandler } from './field.ts';
import { ownRequest, requestIdArguments } from './ownRequest.ts';

const env = environment(['REQUEST_TABLE_NAME', 'UPLOAD_BUCKET_NAME']);
export type Environment = typeof env;

const requests = createRequestStore(env.REQUEST_TABLE_NAME);
const images = createImageStore(env.UPLOAD_BUCKET_NAME);

export const handler = fieldHandler<'Mutation.deleteRequest'>(requestIdArguments, async ({ requestId }, owner) => {
  const change = await requests.change(requestId, async (request) => {
    const own = ownRequest(request, owner);
    // Deleted already, by a call whose answer was lost.
    if (!own || own.status === 'DELETED') return undefined;
    // First the photo, whose key the tombstone no longer knows.
    await images.remove(own.image.key);
    return erase(own, new Date());
  });
  const deleted = change?.after ?? ownRequest(await requests.get(requestId), owner);
  if (deleted?.status !== 'DELETED') throw notFound();
  return viewOf(deleted);
});
