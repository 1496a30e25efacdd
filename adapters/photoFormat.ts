import { LesionError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { contentTypeOf, refusalOf } from '../core/photo/recognise.ts';
import { readJpeg } from './photo/jpeg.ts';
import type { Picture } from './photo/picture.ts';
import { readPng } from './photo/png.ts';
import { readWebp } from './photo/webp.ts';

/**
 * Each scan of a progressive JPEG goes over the whole picture once more, and half a megabyte can hold thousands of them:
 * half a minute of work, which nothing interrupts. Photos have about ten; a small one may have more.
 */
function maximumScans(megapixels: number): number {
  return Math.min(100, Math.max(12, 600 / megapixels));
}

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
  if (contentType === 'image/jpeg' && hasTooManyScans(view)) {
    throw new LesionError(
      'UnsupportedImage',
      'This JPEG is drawn in too many scans. Export it as a plain JPEG and send that.',
    );
  }
  return readers[contentType](view);
}

/** From marker to marker, as a decoder goes; neither a thumbnail's scans nor a film behind the photo count. */
function hasTooManyScans(bytes: Buffer): boolean {
  const [startOfScan, end] = [0xda, 0xd9];
  let scans = 0;
  let megapixels = 0;
  for (let at = nextMarker(bytes, 2); at + 2 < bytes.length && bytes[at] !== end; ) {
    const marker = bytes[at]!;
    if (startsFrame(marker) && at + 8 <= bytes.length) {
      megapixels = Math.max(megapixels, (bytes.readUInt16BE(at + 4) * bytes.readUInt16BE(at + 6)) / 1e6);
    }
    if (marker === startOfScan) scans += 1;
    if (scans > maximumScans(megapixels)) return true;
    at = nextMarker(bytes, at + 1 + bytes.readUInt16BE(at + 1));
  }
  return false;
}

/** SOF0 to SOF15, without those of the same range that are tables (DHT, JPG, DAC). */
function startsFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/**
 * Where the code of the next marker with a length is. In picture data 0xff is followed by 0, or by a restart (0xd0 to
 * 0xd7); TEM (1) stands alone too, and to read a length behind it would be to pass over what a decoder reads.
 */
function nextMarker(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0) {
    const code = bytes[at + 1] ?? 0;
    if (code > 1 && code !== 0xff && !(code >= 0xd0 && code <= 0xd7)) return at + 1;
    at = bytes.indexOf(0xff, at + 1);
  }
  return bytes.length;
}
