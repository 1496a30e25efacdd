import sharp, { type Metadata } from 'sharp';
import { LesionError } from '../core/errors.ts';
import type { Size } from '../core/heatmap.ts';

export interface DecodedImage {
  /** uint8 [height, width, 3], the centre square of the upright photo at the model's input size. */
  rgb: Uint8Array;
  /** Of the upright photo. */
  photo: Size;
}

/** Largest photo that is decoded: 50 megapixels, what the best phones take. */
export const maximumPixels = 50_000_000;
const maximumMegapixels = Math.round(maximumPixels / 1e6);

// One image is resized at a time and never twice, so sharp's threads and cache would only take from the model.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes JPEG, PNG or WebP, told by content and not by name. Orientation is applied, colour becomes sRGB, alpha is
 * dropped; a JPEG is shrunk while it is decoded.
 *
 * @throws LesionError UnsupportedImage, ImageTooLarge or UnreadableImage
 */
export async function decodeImage(bytes: Uint8Array, input: Size): Promise<DecodedImage> {
  assertSupportedFormat(bytes);
  const photo = await measure(bytes);
  try {
    const rgb = await sharp(bytes, { limitInputPixels: maximumPixels, failOn: 'error' })
      .rotate()
      .resize(input.width, input.height, { fit: 'cover' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer();
    return { rgb, photo };
  } catch (error) {
    throw unreadable(error);
  }
}

/** Size of the upright photo, from the header alone. */
async function measure(bytes: Uint8Array): Promise<Size> {
  const header = await readHeader(bytes);
  if ((header.pages ?? 1) > 1) {
    throw new LesionError('UnsupportedImage', 'This is an animation or holds several pages. Send a single photo.');
  }
  if (header.width * header.height > maximumPixels) throw tooManyPixels(header);
  return header.autoOrient;
}

async function readHeader(bytes: Uint8Array): Promise<Metadata> {
  try {
    // The size is judged by us, with a better message than the library's.
    return await sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata();
  } catch (error) {
    throw unreadable(error);
  }
}

function tooManyPixels({ width, height }: Size): LesionError {
  const message = `The photo has ${width} × ${height} pixels; at most ${maximumMegapixels} megapixels are taken. Send a smaller one.`;
  return new LesionError('ImageTooLarge', message, { info: { width, height, maximumPixels } });
}

function unreadable(cause: unknown): LesionError {
  const message = 'The photo is damaged or was not uploaded whole. Take or export it again, then upload that.';
  return new LesionError('UnreadableImage', message, { cause });
}

const signatures: readonly { format: string; matches(bytes: Uint8Array): boolean }[] = [
  { format: 'JPEG', matches: (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]) },
  { format: 'PNG', matches: (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
  { format: 'WebP', matches: (bytes) => ascii(bytes, 0, 'RIFF') && ascii(bytes, 8, 'WEBP') },
];

/** The decoder knows many more formats, some of them programs in disguise (SVG, PDF): it never sees those. */
function assertSupportedFormat(bytes: Uint8Array): void {
  if (signatures.some((signature) => signature.matches(bytes))) return;
  const heic = ascii(bytes, 4, 'ftyp');
  const hint = heic ? 'HEIC photos must be converted to JPEG first' : 'Send a JPEG, PNG or WebP photo';
  throw new LesionError('UnsupportedImage', `This is not a photo that can be read, whatever its name says. ${hint}.`);
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

function ascii(bytes: Uint8Array, offset: number, text: string): boolean {
  return [...text].every((character, index) => bytes[offset + index] === character.charCodeAt(0));
}
