import { unreadable } from '../picture.ts';
import { entropyBits } from './entropyBits.ts';
import { entryAt, type HuffmanTable } from './entropyTables.ts';

/** A component of a scan: how many of its blocks an MCU holds, and what they are decoded with. */
export interface WalkedComponent {
  blocks: number;
  dc: HuffmanTable;
  ac: HuffmanTable;
  /** Largest number of value bits that a coefficient may have, by its place in the coding order. */
  mostBits: Uint8Array;
  /** Of the mean. */
  quantisation: number;
  /** The mean of the last block, as it is stored; where the walk is. */
  mean: number;
}

export interface WalkedScan {
  components: readonly WalkedComponent[];
  mcus: number;
  restartInterval: number;
}

/**
 * How far a coefficient, times its quantisation, may lie from zero. Eight-bit samples need 1024 at most; encoders that
 * round, or overshoot on purpose where they know that samples are clipped, go somewhat beyond.
 */
const LARGEST = 1536;

/** By coefficient: value bits beyond which even the smallest value would be too large. None fit behind the last one. */
export function mostBits(quantisation: Uint16Array): Uint8Array {
  const bitsOf = (step: number) => 1 + Math.floor(Math.log2(LARGEST / Math.max(1, step)));
  const most = new Uint8Array(64 + 16);
  most.set(Array.from(quantisation, (step) => Math.min(10, Math.max(1, bitsOf(step)))));
  return most;
}

/**
 * Walks a baseline scan's entropy-coded data once, without making pixels of it: every code must be one of its table, no
 * run may leave its block, no value be larger than a picture's can be, and the data must end with the last MCU, at each
 * restart and at the end. A decoder shows what is damaged all the same, only shifted or tinted.
 *
 * ITU-T T.81, annex F.2.
 *
 * @param bytes of the scan's data alone
 * @throws LesionError UnreadableImage
 */
export function walkEntropy(bytes: Uint8Array, { components, mcus, restartInterval }: WalkedScan): void {
  const { view, ends } = entropyBits(bytes);
  const interval = restartInterval || mcus;
  if (ends.length !== Math.ceil(mcus / interval)) throw unreadable();
  let left = mcus;
  for (const [nth, end] of ends.entries()) {
    const from = nth === 0 ? 0 : ends[nth - 1]!;
    const at = walkMcus(view, from * 8, end * 8, components, Math.min(left, interval));
    // Less than a byte may be left, of padding.
    if (end * 8 - at > 7) throw unreadable();
    left -= interval;
  }
}

/** From one bit on, at most to another. @returns the bit behind the last MCU */
function walkMcus(view: DataView, from: number, end: number, components: readonly WalkedComponent[], count: number) {
  let at = from;
  for (const component of components) component.mean = 0;
  for (let mcu = 0; mcu < count; mcu += 1) {
    for (let index = 0; index < components.length; index += 1) {
      const component = components[index]!;
      for (let block = 0; block < component.blocks; block += 1) {
        at = walkRest(view, walkMean(view, at, component), component);
        if (at > end) throw unreadable();
      }
    }
  }
  return at;
}

/** Of the bits from there on at least 25. */
function bitsAt(view: DataView, at: number): number {
  return view.getInt32(at >>> 3) << (at & 7);
}

function walkMean(view: DataView, at: number, component: WalkedComponent): number {
  const entry = entryAt(component.dc, bitsAt(view, at));
  const size = entry >> 5;
  if (size > 11) throw unreadable();
  const behind = at + (entry & 31);
  if (size === 0) return behind;
  const value = bitsAt(view, behind - size) >>> (32 - size);
  component.mean += value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  if ((Math.abs(component.mean) - 1) * component.quantisation > LARGEST) throw unreadable();
  return behind;
}

/** The 63 coefficients behind the mean. */
function walkRest(view: DataView, from: number, { ac, mostBits }: WalkedComponent): number {
  let at = from;
  for (let k = 1; k < 64; k += 1) {
    const entry = entryAt(ac, bitsAt(view, at));
    at += entry & 31;
    const size = (entry >> 5) & 15;
    const run = entry >> 9;
    k += run;
    if (size > 0) {
      if (size > mostBits[k]!) throw unreadable();
      continue;
    }
    if (run === 0) return at;
    // Sixteen zeros and more to come; no other run is without a value.
    if (run !== 15 || k > 62) throw unreadable();
  }
  return at;
}
