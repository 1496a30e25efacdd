import { setImmediate } from 'node:timers/promises';
import { LesionError } from '../core/errors.ts';
import type { Size } from '../core/heatmap.ts';
import { createDecoderPool } from './decoder/decoderPool.ts';
import { type Decoded, DecoderLost, DecodingFailed } from './decoder/task.ts';
import { isHdrProfile } from './photo/iccProfile.ts';
import { hdrRefused, type Picture, unreadable } from './photo/picture.ts';
import { assertPixels, maximumPixels } from './photo/pixelLimit.ts';
import { readPhoto } from './photoFormat.ts';

export interface DecodedImage {
  /** uint8 [height, width, 3], the centre square of the upright photo at the model's input size. */
  rgb: Uint8Array;
  /** Size of the upright photo. */
  photo: Size;
}

export interface DecodeLimits {
  /** CPU time of a photo's decoding. The largest photos that are taken need half of it, see docs/performance.md. */
  cpuMilliseconds: number;
}
const usualLimits: DecodeLimits = { cpuMilliseconds: 5000 };

/** Shows where a photo is transparent: medium grey. White or black would change the result more often; see docs/model.md. */
const background = '#808080';

const decoders = createDecoderPool();

/** Starts the first decoder ahead of its photo: it comes up while the rest of the function loads. */
export function prepareDecoder(): void {
  decoders.prepare();
}

/**
 * Decodes JPEG, PNG or WebP, told by content and not by name. Orientation is applied, colour becomes sRGB, transparent
 * parts show medium grey; a JPEG is shrunk while it is decoded. The decoder has a process of its own: whatever a photo
 * makes of it, that photo alone fails.
 *
 * @throws LesionError UnsupportedImage, ImageTooLarge or UnreadableImage; Error if there is no decoder
 */
export async function decodeImage(bytes: Uint8Array, input: Size, limits = usualLimits): Promise<DecodedImage> {
  const picture = readPhoto(bytes);
  assertPixels(picture);
  const decoding = decoders.decode({ ...taskOf(picture), input, background, ...limits });
  decoding.catch(() => {});
  // While the decoder makes pixels of the data, this process looks whether they are whole.
  await setImmediate();
  picture.assertWhole?.();
  const { header, rgb } = await decoding.catch((error: unknown) => {
    throw refusalOf(error);
  });
  assertOnePhoto(header);
  return { rgb, photo: header.photo };
}

function taskOf(picture: Picture) {
  const { bytes, kind, sixteenBit } = picture;
  return { bytes, kind, sixteenBit, limitInputPixels: maximumPixels(picture) };
}

/** What is no fault of the photo stays what it is. */
function refusalOf(error: unknown): unknown {
  if (error instanceof DecodingFailed) return unreadable(error);
  if (!(error instanceof DecoderLost)) return error;
  if (error.why === 'crashed') return unreadable(error);
  const message =
    'This photo takes too long to read. Export it as a plain JPEG of 12 megapixels or less and send that.';
  return new LesionError('UnsupportedImage', message, { cause: error });
}

function assertOnePhoto({ pages = 1, icc }: Decoded['header']): void {
  if (pages > 1) {
    throw new LesionError('UnsupportedImage', 'This is an animation or holds several pages. Send a single photo.');
  }
  if (icc && isHdrProfile(icc)) throw hdrRefused();
}
