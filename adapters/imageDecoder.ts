import { setImmediate } from 'node:timers/promises';
import type { Metadata, Sharp as Pipeline } from 'sharp';
import { LesionError } from '../core/errors.ts';
import type { Size } from '../core/heatmap.ts';
import { isHdrProfile } from './photo/iccProfile.ts';
import { hdrRefused, type Picture, unreadable } from './photo/picture.ts';
import { assertPixels, maximumPixels } from './photo/pixelLimit.ts';
import { readPhoto } from './photoFormat.ts';
import { createSharedLock } from './sharedLock.ts';

export interface DecodedImage {
  /** uint8 [height, width, 3], the centre square of the upright photo at the model's input size. */
  rgb: Uint8Array;
  /** Size of the upright photo. */
  photo: Size;
}

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

/** Shows where a photo is transparent: medium grey. White or black would change the result more often; see docs/model.md. */
const background = '#808080';

/**
 * Decodes JPEG, PNG or WebP, told by content and not by name. Orientation is applied, colour becomes sRGB, transparent
 * parts show medium grey; a JPEG is shrunk while it is decoded.
 *
 * @throws LesionError UnsupportedImage, ImageTooLarge or UnreadableImage
 */
export async function decodeImage(bytes: Uint8Array, input: Size): Promise<DecodedImage> {
  const picture = readPhoto(bytes);
  assertPixels(picture);
  // First by itself: a decoder that cannot be loaded says nothing about the photo.
  const sharp = await loading;
  const reading = Promise.allSettled([readHeader(sharp, picture), decode(sharp, picture, input)]);
  // While the decoder, in a thread of its own, makes pixels of the data, this one looks whether they are whole.
  await setImmediate();
  picture.assertWhole?.();
  const [header, pixels] = await reading;
  if (header.status === 'rejected') throw unreadable(header.reason);
  assertOnePhoto(header.value);
  if (pixels.status === 'rejected') throw unreadable(pixels.reason);
  return { rgb: pixels.value, photo: header.value.autoOrient };
}

/** The process has one buffer for what the decoder says: a message is of the photo asked about only if that was alone. */
const lock = createSharedLock();

async function readHeader(sharp: Sharp, { bytes }: Picture): Promise<Metadata> {
  return await lock.beside(() => sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata());
}

/** libjpeg only warns of these, but what follows in the file is then shown shifted, tinted or grey. */
const spoiltPixels = /bad Huffman code|bad arithmetic code|premature end of data segment|instead of RST/;

/** Many a camera writes files that give a harmless warning, so a warning alone is no reason to refuse a photo. */
async function decode(sharp: Sharp, picture: Picture, input: Size): Promise<Uint8Array> {
  const attempt = (failOn: 'warning' | 'error') =>
    pixelsOf(sharp(picture.bytes, { limitInputPixels: maximumPixels(picture), failOn }), picture, input);
  return await lock
    .beside(() => attempt('warning'))
    .catch(async (error: unknown) => {
      const reason = await lock.alone(() => attempt('warning')).then(() => '', String);
      if (spoiltPixels.test(reason)) throw error;
      return await lock.beside(() => attempt('error'));
    });
}

/**
 * A WebP is not shrunk by its own library, whose rounding differs from what is done to a PNG of the same pixels. Samples
 * of 16 bits are brought to 8 before the profile is applied: the decoder would leave them in Display P3, and passes over
 * a profile of grey.
 */
async function pixelsOf(pipeline: Pipeline, { kind, sixteenBit }: Picture, input: Size): Promise<Uint8Array> {
  return await (sixteenBit ? pipeline.pipelineColourspace(sixteenBit) : pipeline)
    .rotate()
    .resize(input.width, input.height, { fit: 'cover', fastShrinkOnLoad: kind !== 'WebP' })
    .flatten({ background })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
}

function assertOnePhoto({ pages = 1, icc }: Metadata): void {
  if (pages > 1) {
    throw new LesionError('UnsupportedImage', 'This is an animation or holds several pages. Send a single photo.');
  }
  if (icc && isHdrProfile(icc)) throw hdrRefused();
}
