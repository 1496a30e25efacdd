import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { environment } from '../adapters/environment.ts';
import { createImageStore } from '../adapters/imageStore.ts';
import { later } from '../core/deadlines.ts';
import { LesionError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { refusalOfType, tooManyBytes, usualType } from '../core/photo/formats.ts';
import { fieldHandler } from './field.ts';
import { uploadPrefix } from './imageKey.ts';

const env = environment(['UPLOAD_BUCKET_NAME']);
export type Environment = typeof env;

const images = createImageStore(env.UPLOAD_BUCKET_NAME);

const { contentTypes, maximumBytes } = limits;
const validSeconds = 10 * 60;

const args = z.object({ input: z.object({ contentType: z.string(), contentLength: z.int() }) });

export const handler = fieldHandler<'Mutation.createUpload'>(args, async ({ input }, owner) => {
  const { contentLength } = input;
  const contentType = usualType(input.contentType);
  if (!contentTypes.some((taken) => taken === contentType)) {
    const message = refusalOfType(contentType) ?? `Send one of ${contentTypes.join(', ')}.`;
    throw new LesionError('UnsupportedImage', message, { info: { contentTypes } });
  }
  if (contentLength < 1) throw new LesionError('InvalidInput', 'input.contentLength: must be at least 1 byte');
  if (contentLength > maximumBytes) {
    throw new LesionError('ImageTooLarge', tooManyBytes(contentLength, maximumBytes), { info: { maximumBytes } });
  }
  const imageKey = `${uploadPrefix(owner)}${randomUUID()}`;
  const { url, fields } = await images.presignUpload(imageKey, contentType, contentLength, validSeconds);
  return {
    imageKey,
    url,
    fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
    expiresAt: later(new Date(), validSeconds * 1000),
  };
});
