import { LesionError } from '../../../core/errors.ts';
import { startsFrame } from '../../../core/photo/jpegKind.ts';
import { adobeRgb, adobeRgbCurve } from '../colourSpaces.ts';
import { saysAdobeRgb } from '../exif.ts';
import { rgbProfile } from '../iccProfile.ts';
import { type Picture, unreadable } from '../picture.ts';
import { assertWhole } from './assertWhole.ts';
import { type Component, type Frame, frameOf, hasEveryBit, type Scan, samplesOf, scanOf } from './frame.ts';
import { type Segment, segmentsOf } from './segments.ts';

const [START_OF_SCAN, EXIF, PROFILE] = [0xda, 0xe1, 0xe2];

/**
 * The primary picture of a JPEG: from its start to its own end. What cameras put behind it (a gain map, a film, a second
 * view) is no part of it, and the decoder, given a gain map, would pass its warnings over.
 *
 * @throws LesionError UnreadableImage where there is no frame, or the data end before the picture is whole;
 *   UnsupportedImage for what cannot be accounted for, or is drawn in too many scans
 */
export function readJpeg(bytes: Buffer): Picture {
  const { segments, end, hasEnd } = segmentsOf(bytes);
  const frame = segments.filter(({ marker }) => startsFrame(marker)).map(frameOf)[0];
  const scans = segments.filter(({ marker }) => marker === START_OF_SCAN).map(scanOf);
  if (!frame || scans.length === 0) throw unreadable();
  const { width, height, progressive } = frame;
  assertFewScans(scans.length, (width * height) / 1e6);
  const buffered = progressive || scans.length > 1;
  const whole = hasEnd ? bytes.subarray(0, end) : withEnd(bytes, frame, scans);
  return {
    kind: progressive ? 'progressive JPEG' : buffered ? 'JPEG of several scans' : 'JPEG',
    bytes: isUnnamedAdobeRgb(segments) ? withProfile(whole, rgbProfile(adobeRgb, adobeRgbCurve)) : whole,
    width,
    height,
    // Coefficients of 16 bits, all of them until the last scan.
    bytesPerPixel: buffered ? samplesOf(frame) * 2 : 0,
    ...(frame.baseline && { assertWhole: () => assertWhole(bytes, segments, frame) }),
  };
}

/**
 * Each scan of a progressive JPEG goes over the whole picture once more, and half a megabyte can hold thousands of them:
 * half a minute of work, which nothing interrupts. Photos have about ten; a small one may have more.
 */
function assertFewScans(scans: number, megapixels: number): void {
  if (scans <= Math.min(100, Math.max(12, 600 / megapixels))) return;
  const message = 'This JPEG is drawn in too many scans. Export it as a plain JPEG and send that.';
  throw new LesionError('UnsupportedImage', message);
}

const profileName = 'ICC_PROFILE\0';

/** Adobe RGB as cameras tell it, by a line of EXIF alone. A profile would win over that. */
function isUnnamedAdobeRgb(segments: readonly Segment[]): boolean {
  const hasProfile = ({ marker, data }: Segment) =>
    marker === PROFILE && data.toString('latin1', 0, profileName.length) === profileName;
  return segments.some(({ marker, data }) => marker === EXIF && saysAdobeRgb(data)) && !segments.some(hasProfile);
}

/** One segment, the first of one (ICC.1:2022, B.4). */
function withProfile(bytes: Buffer, icc: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(`${profileName}\x01\x01`, 'latin1'), icc]);
  const head = Buffer.from([0xff, PROFILE, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([bytes.subarray(0, 2), head, content, bytes.subarray(2)]);
}

/** Where only the end's two bytes are missing they are put there; a picture that lacks a scan is not whole. */
function withEnd(bytes: Buffer, frame: Frame, scans: readonly Scan[]): Buffer {
  const scansOf = ({ id }: Component) => scans.filter(({ components }) => components.some((one) => one.id === id));
  const whole = frame.components.every((component) =>
    frame.progressive ? hasEveryBit(scansOf(component)) : scansOf(component).length > 0,
  );
  if (!whole) throw unreadable();
  const cut = bytes.at(-1) === 0xff ? bytes.subarray(0, -1) : bytes;
  return Buffer.concat([cut, Buffer.from([0xff, 0xd9])]);
}
