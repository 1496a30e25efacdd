import { LesionError } from '../../../core/errors.ts';
import { startsFrame } from '../../../core/photo/jpegKind.ts';
import { unreadable } from '../picture.ts';

/** One marker of a JPEG with what belongs to it. */
export interface Segment {
  /** The code behind 0xff, e.g. 0xda for the start of a scan. */
  marker: number;
  /** The parameters, without marker and length. */
  data: Buffer;
  /** Behind the start of a scan: where its entropy-coded data begin and end. */
  entropy?: { start: number; end: number };
}

export interface Jpeg {
  segments: Segment[];
  /** Behind the last byte of the picture itself, its end marker included. */
  end: number;
  /** False where the file ends before the end marker. */
  hasEnd: boolean;
}

const [START_OF_SCAN, END_OF_IMAGE] = [0xda, 0xd9];

/** DHT, DAC, DQT, DRI, APP0 to APP15, COM. */
const isTable = (marker: number) =>
  [0xc4, 0xcc, 0xdb, 0xdd, 0xfe].includes(marker) || (marker >= 0xe0 && marker <= 0xef);
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

/**
 * The picture from its start to its own end, marker by marker (ITU-T T.81, annex B). Fails closed: what this parser
 * cannot account for, the decoder may read otherwise, so no such file reaches it.
 *
 * @throws LesionError UnsupportedImage for a marker that does not belong where it stands, or bytes between segments;
 *   UnreadableImage where there is no frame before that, or a segment is longer than the file
 */
export function segmentsOf(bytes: Buffer): Jpeg {
  const segments: Segment[] = [];
  /** What there has been so far. */
  const seen = { frame: false };
  for (let at = 2; ; ) {
    // Without a frame it is no picture yet, but the start of one with something else behind it.
    const stray = seen.frame ? unaccounted : unreadable;
    at = behindFill(bytes, at, stray);
    if (at >= bytes.length) return { segments, end: bytes.length, hasEnd: false };
    const marker = bytes[at]!;
    if (marker === END_OF_IMAGE) return { segments, end: at + 1, hasEnd: true };
    if (!belongs(marker, seen)) throw stray();
    const length = lengthAt(bytes, at + 1);
    const segment: Segment = { marker, data: bytes.subarray(at + 3, at + 1 + length) };
    at += 1 + length;
    if (marker === START_OF_SCAN) {
      segment.entropy = { start: at, end: endOfEntropy(bytes, at) };
      at = segment.entropy.end;
    }
    seen.frame ||= startsFrame(marker);
    segments.push(segment);
  }
}

/** One frame, then its scans; tables and metadata anywhere. */
function belongs(marker: number, seen: { frame: boolean }): boolean {
  if (startsFrame(marker)) return !seen.frame;
  return marker === START_OF_SCAN ? seen.frame : isTable(marker);
}

/** Where the code of the marker is that begins here; 0xff may be repeated before it. */
function behindFill(bytes: Buffer, from: number, stray: () => LesionError): number {
  if (from < bytes.length && bytes[from] !== 0xff) throw stray();
  let at = from + 1;
  while (bytes[at] === 0xff) at += 1;
  return at;
}

/** A segment shorter than its own length is no segment. */
function lengthAt(bytes: Buffer, at: number): number {
  const length = at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0;
  if (length < 2 || at + length > bytes.length) throw unreadable();
  return length;
}

/** Up to the next marker. In the data 0xff is followed by 0, or by a restart; fill bytes may precede either. */
function endOfEntropy(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at)) {
    let code = at + 1;
    while (bytes[code] === 0xff) code += 1;
    const marker = bytes[code];
    if (marker === undefined || (marker !== 0 && !isRestart(marker))) return at;
    at = code;
  }
  return bytes.length;
}

function unaccounted(): LesionError {
  const message =
    'This JPEG holds data where none belong, so what it shows cannot be relied on. Export it again as a plain JPEG.';
  return new LesionError('UnsupportedImage', message);
}
