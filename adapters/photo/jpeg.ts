import { LesionError } from '../../core/errors.ts';
import { startsFrame } from '../../core/photo/jpegKind.ts';
import { adobeRgb, adobeRgbCurve } from './colourSpaces.ts';
import { saysAdobeRgb } from './exif.ts';
import { rgbProfile } from './iccProfile.ts';
import { type Picture, unreadable } from './picture.ts';

const [startOfScan, endOfImage, exif, profile] = [0xda, 0xd9, 0xe1, 0xe2];

interface Frame {
  width: number;
  height: number;
  progressive: boolean;
  /** Samples per pixel, fewer than its components where colour is stored coarser. */
  samples: number;
  components: readonly number[];
}

interface Scan {
  components: readonly number[];
  from: number;
  to: number;
  /** Bits of these coefficients that are still missing. */
  missingBits: number;
}

/**
 * The primary picture of a JPEG: from its start to its own end. What cameras put behind it (a gain map, a film, a second
 * view) is no part of it, and the decoder, given a gain map, would pass its warnings over.
 *
 * @throws LesionError UnreadableImage where there is no frame, or the data end before the picture is whole
 */
export function readJpeg(bytes: Buffer): Picture {
  const scans: Scan[] = [];
  const told = { adobeRgb: false, profile: false };
  let frame: Frame | undefined;
  let at = nextMarker(bytes, 2);
  for (; at < bytes.length && bytes[at] !== endOfImage; ) {
    const segment = bytes.subarray(at + 1, at + 1 + lengthAt(bytes, at + 1));
    if (startsFrame(bytes[at]!)) {
      if (frame) throw unreadable();
      frame = frameOf(bytes[at]!, segment);
    }
    if (bytes[at] === exif) told.adobeRgb ||= saysAdobeRgb(segment.subarray(2));
    if (bytes[at] === profile) told.profile ||= segment.toString('latin1', 2, 2 + profileName.length) === profileName;
    if (bytes[at] === startOfScan) {
      if (!frame) throw unreadable();
      scans.push(scanOf(segment));
      assertFewScans(scans.length, frame);
    }
    at = nextMarker(bytes, at + 1 + segment.length);
  }
  if (!frame) throw unreadable();
  const { width, height, samples, progressive } = frame;
  const whole = at < bytes.length ? bytes.subarray(0, at + 1) : withEnd(bytes, frame, scans);
  const buffered = progressive || scans.length > 1;
  return {
    kind: progressive ? 'progressive JPEG' : buffered ? 'JPEG of several scans' : 'JPEG',
    bytes: told.adobeRgb && !told.profile ? withProfile(whole, rgbProfile(adobeRgb, adobeRgbCurve)) : whole,
    width,
    height,
    // Coefficients of 16 bits, all of them until the last scan.
    bytesPerPixel: buffered ? samples * 2 : 0,
  };
}

const profileName = 'ICC_PROFILE\0';

/** One segment, the first of one (ICC.1:2022, B.4). */
function withProfile(bytes: Buffer, icc: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(`${profileName}\x01\x01`, 'latin1'), icc]);
  const head = Buffer.from([0xff, profile, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([bytes.subarray(0, 2), head, content, bytes.subarray(2)]);
}

/** A segment shorter than its own length is no segment. */
function lengthAt(bytes: Buffer, at: number): number {
  const length = at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0;
  if (length < 2 || at + length > bytes.length) throw unreadable();
  return length;
}

/** ITU-T T.81, B.2.2. */
function frameOf(marker: number, segment: Buffer): Frame {
  const count = segment[7] ?? 0;
  if (segment.length < 8 + count * 3) throw unreadable();
  const all = Array.from({ length: count }, (_, index) => segment.subarray(8 + index * 3, 11 + index * 3));
  const factors = all.map(([, factor = 0]) => ({ across: factor >> 4, down: factor & 15 }));
  const [across, down] = [factors.map((one) => one.across), factors.map((one) => one.down)];
  const most = Math.max(...across) * Math.max(...down);
  return {
    height: segment.readUInt16BE(3),
    width: segment.readUInt16BE(5),
    progressive: marker === 0xc2 || marker === 0xca,
    samples: factors.reduce((sum, one) => sum + one.across * one.down, 0) / Math.max(1, most),
    components: all.map(([id = 0]) => id),
  };
}

/** ITU-T T.81, B.2.3. */
function scanOf(segment: Buffer): Scan {
  const count = segment[2] ?? 0;
  if (segment.length < 6 + count * 2) throw unreadable();
  const [from = 0, to = 0, bits = 0] = segment.subarray(3 + count * 2);
  const components = Array.from({ length: count }, (_, index) => segment[3 + index * 2]!);
  return { components, from, to, missingBits: bits & 15 };
}

/** Where only the end's two bytes are missing they are put there; a picture that lacks a scan is not whole. */
function withEnd(bytes: Buffer, frame: Frame, scans: readonly Scan[]): Buffer {
  const whole = frame.progressive
    ? frame.components.every((component) => everyBit(scans.filter((scan) => scan.components.includes(component))))
    : frame.components.every((component) => scans.some((scan) => scan.components.includes(component)));
  if (!whole) throw unreadable();
  const cut = bytes.at(-1) === 0xff ? bytes.subarray(0, -1) : bytes;
  return Buffer.concat([cut, Buffer.from([0xff, endOfImage])]);
}

/** All 64 coefficients to their last bit. */
function everyBit(scans: readonly Scan[]): boolean {
  return Array.from({ length: 64 }, (_, coefficient) => coefficient).every((coefficient) =>
    scans.some(({ from, to, missingBits }) => from <= coefficient && coefficient <= to && missingBits === 0),
  );
}

/**
 * Each scan of a progressive JPEG goes over the whole picture once more, and half a megabyte can hold thousands of them:
 * half a minute of work, which nothing interrupts. Photos have about ten; a small one may have more.
 */
function assertFewScans(scans: number, { width, height }: Frame): void {
  const most = Math.min(100, Math.max(12, 600e6 / (width * height)));
  if (scans <= most) return;
  const message = 'This JPEG is drawn in too many scans. Export it as a plain JPEG and send that.';
  throw new LesionError('UnsupportedImage', message);
}

/**
 * Where the code of the next marker is that has a length or ends the picture. In picture data 0xff is followed by 0, or
 * by a restart (0xd0 to 0xd7); TEM (1) stands alone too, and to read a length behind it would be to pass over what a
 * decoder reads.
 */
function nextMarker(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0 && at + 1 < bytes.length) {
    const code = bytes[at + 1]!;
    if (code > 1 && code !== 0xff && !(code >= 0xd0 && code <= 0xd7)) return at + 1;
    at = bytes.indexOf(0xff, at + 1);
  }
  return bytes.length;
}
