import { LesionError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { contentTypeOf, refusalOf } from '../core/photo/recognise.ts';
import { readJpeg } from './photo/jpeg/readJpeg.ts';
import type { Picture } from './photo/picture.ts';
import { readPng } from './photo/png.ts';
import { readWebp } from './photo/webp.ts';

const readers: Record<(typeof limits.contentTypes)[number], (bytes: Buffer) => Picture> = {
  'image/jpeg': readJpeg,
  'image/png': readPng,
  'image/webp': readWebp,
};

/**
 * Lets JPEG, PNG and WebP pass, by their first bytes, and tells of each what its own header says. The decoder knows many
 * more formats, some of them programs in disguise (SVG, PDF): it never sees those.
 *
 * @throws LesionError UnsupportedImage saying what it is, where that can be told, and what to send; UnreadableImage
 */
export function readPhoto(bytes: Uint8Array): Picture {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contentType = contentTypeOf(view);
  if (!contentType) {
    throw new LesionError('UnsupportedImage', refusalOf(view), { info: { contentTypes: limits.contentTypes } });
  }
  return readers[contentType](view);
}
