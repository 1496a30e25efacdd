import { LesionError } from '../../../core/errors.ts';
import { type Picture, unreadable } from '../picture.ts';
import { define, type EntropyTables, noTables } from './entropyTables.ts';
import { mostBits, type WalkedScan, walkEntropy } from './entropyWalk.ts';
import { type Segment, segmentsOf, startsFrame } from './segments.ts';

const START_OF_SCAN = 0xda;

interface Component {
  id: number;
  /** Sampling factors. */
  across: number;
  down: number;
  quantisation: number;
}

interface Frame {
  width: number;
  height: number;
  /** Huffman codes, one scan for each component at most: what almost every camera writes. */
  baseline: boolean;
  progressive: boolean;
  components: readonly Component[];
}

interface Scan {
  /** Of each component: which it is, and its tables' numbers. */
  components: readonly { id: number; dc: number; ac: number }[];
  /** Coefficients, by their place in the coding order. */
  from: number;
  to: number;
  /** Bits of these coefficients that are still missing. */
  missingBits: number;
}

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
  return {
    kind: progressive ? 'progressive JPEG' : buffered ? 'JPEG of several scans' : 'JPEG',
    bytes: hasEnd ? bytes.subarray(0, end) : withEnd(bytes, frame, scans),
    width,
    height,
    // Coefficients of 16 bits, all of them until the last scan.
    bytesPerPixel: buffered ? samplesOf(frame) * 2 : 0,
    ...(frame.baseline && { assertWhole: () => walkScans(bytes, segments, frame) }),
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

/** ITU-T T.81, B.2.2. */
function frameOf({ marker, data }: Segment): Frame {
  const count = data[5] ?? 0;
  if (data.length < 6 + count * 3) throw unreadable();
  const components = Array.from({ length: count }, (_, index) => {
    const [id = 0, factors = 0, quantisation = 0] = data.subarray(6 + index * 3);
    const [across, down] = [factors >> 4, factors & 15];
    if (across < 1 || across > 4 || down < 1 || down > 4) throw unreadable();
    return { id, across, down, quantisation };
  });
  return {
    height: data.readUInt16BE(1),
    width: data.readUInt16BE(3),
    baseline: marker === 0xc0 || marker === 0xc1,
    progressive: marker === 0xc2 || marker === 0xca,
    components,
  };
}

/** ITU-T T.81, B.2.3. */
function scanOf({ data }: Segment): Scan {
  const count = data[0] ?? 0;
  if (data.length < 4 + count * 2) throw unreadable();
  const [from = 0, to = 0, bits = 0] = data.subarray(1 + count * 2);
  const components = Array.from({ length: count }, (_, index) => {
    const [id = 0, tables = 0] = data.subarray(1 + index * 2);
    return { id, dc: tables >> 4, ac: tables & 15 };
  });
  return { components, from, to, missingBits: bits & 15 };
}

/** Samples per pixel, fewer than its components where colour is stored coarser. */
function samplesOf({ components }: Frame): number {
  const most = Math.max(...components.map((one) => one.across)) * Math.max(...components.map((one) => one.down));
  return components.reduce((sum, one) => sum + one.across * one.down, 0) / Math.max(1, most);
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

/** All 64 coefficients to their last bit. */
function hasEveryBit(scans: readonly Scan[]): boolean {
  return Array.from({ length: 64 }, (_, coefficient) => coefficient).every((coefficient) =>
    scans.some(({ from, to, missingBits }) => from <= coefficient && coefficient <= to && missingBits === 0),
  );
}

/** Every scan with the tables that stand before it. @throws LesionError UnreadableImage */
function walkScans(bytes: Buffer, segments: readonly Segment[], frame: Frame): void {
  const tables = noTables();
  for (const segment of segments) {
    define(tables, segment);
    if (!segment.entropy) continue;
    const { start, end } = segment.entropy;
    walkEntropy(bytes, start, end, walkedScan(frame, scanOf(segment), tables));
  }
}

/** A.2: a scan of one component holds its own blocks only; one of several holds MCUs, padded to whole ones. */
function walkedScan(frame: Frame, scan: Scan, tables: EntropyTables): WalkedScan {
  const across = Math.max(...frame.components.map((one) => one.across));
  const down = Math.max(...frame.components.map((one) => one.down));
  const isAlone = scan.components.length === 1;
  const components = scan.components.map(({ id, dc, ac }) => {
    const component = frame.components.find((one) => one.id === id);
    const quantisation = component && tables.quantisation[component.quantisation];
    const [dcTable, acTable] = [tables.dc[dc], tables.ac[ac]];
    if (!component || !quantisation || !dcTable || !acTable) throw unreadable();
    const blocks = isAlone ? 1 : component.across * component.down;
    return { component, blocks, dc: dcTable, ac: acTable, quantisation, mostBits: mostBits(quantisation) };
  });
  const [first] = components;
  if (!first) throw unreadable();
  const blocksOf = (pixels: number, factor: number, most: number) => Math.ceil(Math.ceil((pixels * factor) / most) / 8);
  const mcus = isAlone
    ? blocksOf(frame.width, first.component.across, across) * blocksOf(frame.height, first.component.down, down)
    : Math.ceil(frame.width / (8 * across)) * Math.ceil(frame.height / (8 * down));
  return { components, mcus, restartInterval: tables.restartInterval };
}
