import { LesionError } from '../core/errors.ts';

const jpeg = (bytes: Buffer) => startsWith(bytes, '\xff\xd8\xff');
const png = (bytes: Buffer) => startsWith(bytes, '\x89PNG\r\n\x1a\n');
const webp = (bytes: Buffer) => startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8);

/** Formats that people do send, so that they are told which one it was. */
const refused: readonly { name: string; matches(bytes: Buffer): boolean }[] = [
  {
    name: 'a HEIC picture',
    matches: (bytes) => /^ftyp(hei[cfmsx]|hev[cmsx]|mif1|msf1)/.test(bytes.toString('latin1', 4, 12)),
  },
  { name: 'an AVIF picture', matches: (bytes) => /^ftypavi[fs]/.test(bytes.toString('latin1', 4, 12)) },
  { name: 'a video', matches: (bytes) => startsWith(bytes, 'ftyp', 4) },
  { name: 'a GIF', matches: (bytes) => startsWith(bytes, 'GIF8') },
  { name: 'a TIFF picture', matches: (bytes) => startsWith(bytes, 'II*\0') || startsWith(bytes, 'MM\0*') },
  { name: 'a BMP picture', matches: (bytes) => startsWith(bytes, 'BM') },
  { name: 'a PDF', matches: (bytes) => startsWith(bytes, '%PDF') },
  { name: 'an SVG or another text', matches: (bytes) => /^\uFEFF?\s*</.test(bytes.toString('utf8', 0, 64)) },
];

/**
 * Each scan of a progressive JPEG goes over the whole picture once more, and half a megabyte can hold thousands of them:
 * half a minute of work, which nothing interrupts. Photos have about ten; a small one may have more.
 */
function maximumScans(megapixels: number): number {
  return Math.min(100, Math.max(12, 600 / megapixels));
}

/**
 * Lets JPEG, PNG and WebP pass, by their first bytes. The decoder knows many more formats, some of them programs in
 * disguise (SVG, PDF): it never sees those.
 *
 * @throws LesionError UnsupportedImage saying what it is, where that can be told, and what to send
 */
export function assertStillPhoto(bytes: Uint8Array): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length === 0) {
    throw new LesionError('UnsupportedImage', 'The file is empty. Send a JPEG, PNG or WebP photo.');
  }
  if (png(view) && isAnimatedPng(view)) {
    throw new LesionError('UnsupportedImage', 'This is an animation. Send a single photo.');
  }
  if (jpeg(view) && hasTooManyScans(view)) {
    throw new LesionError(
      'UnsupportedImage',
      'This JPEG is drawn in too many scans. Export it as a plain JPEG and send that.',
    );
  }
  if (jpeg(view) || png(view) || webp(view)) return;
  const found = refused.find((format) => format.matches(view))?.name ?? 'not a photo that can be read';
  throw new LesionError(
    'UnsupportedImage',
    `This is ${found}, whatever its name says. Send a JPEG, PNG or WebP photo.`,
  );
}

/** The decoder would take the first frame for the whole. An animation is announced before its pixels (PNG, acTL). */
function isAnimatedPng(bytes: Buffer): boolean {
  const pixels = bytes.indexOf('IDAT', 0, 'latin1');
  return bytes.subarray(0, Math.max(0, pixels)).includes('acTL', 0, 'latin1');
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

function startsWith(bytes: Buffer, magic: string, offset = 0): boolean {
  return bytes.toString('latin1', offset, offset + magic.length) === magic;
}
