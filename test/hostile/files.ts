import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { exifOrientation, flatJpeg, png, pngChunk, solid } from '../../adapters/testing/pictures.ts';
import { samplePhoto } from '../support/cloud.ts';

export const sample = Buffer.from(samplePhoto);
export const photo = () => sharp(sample);

/** What EXIF has a viewer do: turn by degrees clockwise, after mirroring left and right. */
export const orientations: Record<number, { mirrored: boolean; turned: number }> = {
  1: { mirrored: false, turned: 0 },
  2: { mirrored: true, turned: 0 },
  3: { mirrored: false, turned: 180 },
  4: { mirrored: true, turned: 180 },
  5: { mirrored: true, turned: 270 },
  6: { mirrored: false, turned: 90 },
  7: { mirrored: true, turned: 90 },
  8: { mirrored: false, turned: 270 },
};

/** The sample as a camera held otherwise stores it: shown by its orientation tag it is the sample again. */
export async function heldAs(orientation: number): Promise<Uint8Array> {
  const { mirrored, turned } = orientations[orientation]!;
  const turnedBack = await photo().rotate(-turned).png().toBuffer();
  const stored = sharp(turnedBack).flop(mirrored);
  return await stored.jpeg({ quality: 95 }).withMetadata({ orientation }).toBuffer();
}

const frames = async () => [
  await solid(64, 64, [200, 30, 30]).png().toBuffer(),
  await solid(64, 64, [0, 0, 200]).png().toBuffer(),
];
export const animation = async () => sharp(await frames(), { join: { animated: true } });

/** A PNG of two frames: acTL announces them, fdAT holds the second. */
export async function animatedPng(): Promise<Buffer> {
  const still = await solid(64, 64, [200, 30, 30]).png().toBuffer();
  const header = 8 + 25;
  const two = Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]);
  const frame = pngChunk('fdAT', Buffer.concat([Buffer.alloc(4), deflateSync(Buffer.alloc(64 * (1 + 64 * 3)))]));
  const end = still.length - 12;
  return Buffer.concat([
    still.subarray(0, header),
    pngChunk('acTL', two),
    still.subarray(header, end),
    frame,
    still.subarray(end),
  ]);
}

/** A little-endian TIFF whose directories are chained, one pixel each. */
export async function tiffOfTwoPages() {
  const page = await solid(16, 16, [9, 9, 9]).tiff({ compression: 'none' }).toBuffer();
  const directory = page.readUInt32LE(4);
  const next = directory + 2 + page.readUInt16LE(directory) * 12;
  const twice = Buffer.concat([page, page.subarray(directory, next + 4)]);
  twice.writeUInt32LE(page.length, next);
  return twice;
}

/** One frame, which is the picture itself: fcTL stands before its pixels. */
export async function animatedPngOfOneFrame(): Promise<Buffer> {
  const still = await photo().png().toBuffer();
  const head = 8 + 25;
  const one = [pngChunk('acTL', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0])), pngChunk('fcTL', Buffer.alloc(26))];
  return Buffer.concat([still.subarray(0, head), ...one, still.subarray(head)]);
}

/** The frame header alone says so, and the decoder is not to see it. */
export function ofTwelveBits(): Buffer {
  const changed = Buffer.from(flatJpeg(64, 64));
  const frame = changed.indexOf(Buffer.from([0xff, 0xc0]));
  changed.set([0xff, 0xc1, 0, 11, 12], frame);
  return changed;
}

export const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM\x02\0\0\0UL')]);

/** EXIF in a JPEG: to be turned by 90° clockwise. */
export function onItsSide(jpeg: Buffer): Buffer {
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifOrientation(6)]);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, exif.length + 2]), exif]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

export const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(1000)]);
export const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
export const billionLaughs = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${svg.replace('alert(1)', '&b;')}`;
export const html = '<html><script>alert(document.domain)</script></html>';

/** A comment in a JPEG: after its first two bytes. */
export function withComment(text: string) {
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, text.length + 2]), Buffer.from(text)]);
  return Buffer.concat([sample.subarray(0, 2), comment, sample.subarray(2)]);
}

export const zip = Buffer.concat([
  Buffer.from('PK\x03\x04'),
  Buffer.alloc(500),
  Buffer.from('PK\x05\x06'),
  Buffer.alloc(18),
]);

/** A chunk that inflates to a thousand times its size, a little more than the decoder takes. */
export const inflating = (type: string, head: string) =>
  pngChunk(type, Buffer.concat([Buffer.from(head, 'latin1'), deflateSync(Buffer.alloc(9_000_000), { level: 9 })]));
export async function withChunk(chunk: Buffer): Promise<Buffer> {
  const whole = await photo().png().toBuffer();
  return Buffer.concat([whole.subarray(0, 33), chunk, whole.subarray(33)]);
}

export async function cut(whole: Promise<Buffer>, share: number): Promise<Buffer> {
  const bytes = await whole;
  return bytes.subarray(0, Math.floor(bytes.length * share));
}

export const rows = (width: number, height: number) => deflateSync(Buffer.alloc((1 + width * 3) * height));
export const pngOf = (width: number, height: number, pixels: Buffer<ArrayBuffer>) =>
  png(width, height, { colours: 2, pixels });

/** TEM, which a decoder passes over. */
export function withTemMarkers(jpeg: Buffer): Buffer {
  const scan = '\xff\xda';
  return Buffer.from(jpeg.toString('latin1').replaceAll(scan, `\xff\x01${scan}`), 'latin1');
}

/** An APP2 segment of the kind that holds a profile. */
export function withIccSegment(profile: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile]);
  const marker = Buffer.from([0xff, 0xe2, 0, content.length + 2]);
  return Buffer.concat([sample.subarray(0, 2), marker, content, sample.subarray(2)]);
}
