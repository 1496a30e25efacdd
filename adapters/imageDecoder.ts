import type { Metadata, Sharp as Picture } from 'sharp';
import { LesionError } from '../core/errors.ts';
import type { Size } from '../core/heatmap.ts';
import { assertStillPhoto } from './photoFormat.ts';
import { createSharedLock } from './sharedLock.ts';

export interface DecodedImage {
  /** uint8 [height, width, 3], the centre square of the upright photo at the model's input size. */
  rgb: Uint8Array;
  /** Of the upright photo. */
  photo: Size;
}

/** Largest photo that is decoded: 50 megapixels, what the best phones take. */
export const maximumPixels = 50_000_000;
const maximumMegapixels = Math.round(maximumPixels / 1e6);

// Not a static import, which would come before everything else in the function: the model's thread is started first,
// and loads its library while the main thread loads this one.
const loading = import('sharp').then(({ default: sharp }) => {
  // One photo is resized once, and several are decoded side by side: more threads and a cache would only take from them.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
});
loading.catch(() => {});
type Sharp = Awaited<typeof loading>;

/**
 * Decodes JPEG, PNG or WebP, told by content and not by name. Orientation is applied, colour becomes sRGB, alpha is
 * dropped; a JPEG is shrunk while it is decoded.
 *
 * @throws LesionError UnsupportedImage, ImageTooLarge or UnreadableImage
 */
export async function decodeImage(bytes: Uint8Array, input: Size): Promise<DecodedImage> {
  assertStillPhoto(bytes);
  // First by itself: a decoder that cannot be loaded says nothing about the photo.
  const sharp = await loading;
  // Side by side: the decoder itself refuses what is too large, and the header alone tells why.
  const [header, pixels] = await Promise.allSettled([readHeader(sharp, bytes), decode(sharp, bytes, input)]);
  if (header.status === 'rejected') throw unreadable(header.reason);
  assertOnePhoto(header.value);
  if (pixels.status === 'rejected') throw unreadable(pixels.reason);
  return { rgb: pixels.value, photo: header.value.autoOrient };
}

/** The process has one buffer for what the decoder says: a message is of the photo asked about only if that was alone. */
const lock = createSharedLock();

async function readHeader(sharp: Sharp, bytes: Uint8Array): Promise<Metadata> {
  return await lock.beside(() => sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata());
}

/** libjpeg only warns of these, but what follows in the file is then shown shifted, tinted or grey. */
const spoiltPixels = /bad Huffman code|bad arithmetic code|premature end of data segment|instead of RST/;

/** Many a camera writes files that give a harmless warning, so a warning alone is no reason to refuse a photo. */
async function decode(sharp: Sharp, bytes: Uint8Array, input: Size): Promise<Uint8Array> {
  const attempt = (failOn: 'warning' | 'error') =>
    pixelsOf(sharp(bytes, { limitInputPixels: maximumPixels, failOn }), input);
  return await lock
    .beside(() => attempt('warning'))
    .catch(async (error: unknown) => {
      const reason = await lock.alone(() => attempt('warning')).then(() => '', String);
      if (spoiltPixels.test(reason)) throw error;
      return await lock.beside(() => attempt('error'));
    });
}

async function pixelsOf(picture: Picture, input: Size): Promise<Uint8Array> {
  return await picture
    .rotate()
    .resize(input.width, input.height, { fit: 'cover' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer();
}

function assertOnePhoto({ width, height, pages = 1 }: Metadata): void {
  if (pages > 1) {
    throw new LesionError('UnsupportedImage', 'This is an animation or holds several pages. Send a single photo.');
  }
  if (width * height <= maximumPixels) return;
  const message = `The photo has ${width} × ${height} pixels; at most ${maximumMegapixels} megapixels are taken. Send a smaller one.`;
  throw new LesionError('ImageTooLarge', message, { info: { width, height, maximumPixels } });
}

function unreadable(cause: unknown): LesionError {
  const message = 'The photo is damaged or was not uploaded whole. Take or export it again, then upload that.';
  return new LesionError('UnreadableImage', message, { cause });
}
