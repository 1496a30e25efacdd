import { unreadable } from '../picture.ts';
import type { Segment } from './segments.ts';

export interface Component {
  id: number;
  /** Sampling factors. */
  across: number;
  down: number;
  quantisation: number;
}

export interface Frame {
  width: number;
  height: number;
  /** Huffman codes, one scan for each component at most: what almost every camera writes. */
  baseline: boolean;
  progressive: boolean;
  components: readonly Component[];
}

export interface Scan {
  /** Which components it holds, and the numbers of their tables. */
  components: readonly { id: number; dc: number; ac: number }[];
  /** Coefficients, by their place in the coding order. */
  from: number;
  to: number;
  /** Bits of these coefficients that are still missing. */
  missingBits: number;
}

/** ITU-T T.81, B.2.2. */
export function frameOf({ marker, data }: Segment): Frame {
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
export function scanOf({ data }: Segment): Scan {
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
export function samplesOf({ components }: Frame): number {
  const most = Math.max(...components.map((one) => one.across)) * Math.max(...components.map((one) => one.down));
  return components.reduce((sum, one) => sum + one.across * one.down, 0) / Math.max(1, most);
}

/** All 64 coefficients to their last bit. */
export function hasEveryBit(scans: readonly Scan[]): boolean {
  return Array.from({ length: 64 }, (_, coefficient) => coefficient).every((coefficient) =>
    scans.some(({ from, to, missingBits }) => from <= coefficient && coefficient <= to && missingBits === 0),
  );
}
