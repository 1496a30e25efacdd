import { unreadable } from '../picture.ts';
import type { HuffmanTable } from './entropyTables.ts';

/** A component of a scan: how many of its blocks an MCU holds, and what they are decoded with. */
interface Component {
  blocks: number;
  dc: HuffmanTable;
  ac: HuffmanTable;
  /** Largest number of value bits that a coefficient may have, by its place in the coding order. */
  mostBits: Uint8Array;
  quantisation: Uint16Array;
}

export interface WalkedScan {
  components: Component[];
  mcus: number;
  restartInterval: number;
}

/**
 * How far a coefficient, times its quantisation, may lie from zero. Eight-bit samples need 1024 at most; encoders that
 * round, or overshoot on purpose where they know that samples are clipped, go somewhat beyond.
 */
const LARGEST = 1536;

/** By coefficient: value bits beyond which even the smallest value would be too large. */
export function mostBits(quantisation: Uint16Array): Uint8Array {
  const bitsOf = (step: number) => 1 + Math.floor(Math.log2(LARGEST / Math.max(1, step)));
  return Uint8Array.from(quantisation, (step) => Math.min(10, Math.max(1, bitsOf(step))));
}

/**
 * Walks a baseline scan's entropy-coded data once, without making pixels of it: every code must be one of its table, no
 * run may leave its block, no value be larger than a picture's can be, and the data must end with the last MCU, at each
 * restart and at the end. A decoder shows what is damaged all the same, only shifted or tinted.
 *
 * ITU-T T.81, annex F.2.
 *
 * @param bytes the whole file; the scan's data reach from `start` to `end`
 * @throws LesionError UnreadableImage
 */
export function walkEntropy(bytes: Uint8Array, start: number, end: number, scan: WalkedScan): void {
  const { components, mcus, restartInterval } = scan;
  const interval = restartInterval || mcus;
  const predictions = new Int32Array(components.length);
  let at = start;
  let bits = 0;
  let count = 0;
  /** Of the bits at hand, how many lie beyond the data. */
  let beyond = 0;

  function refill(): void {
    while (count <= 24) {
      let byte = 0;
      if (at < end && bytes[at] !== 0xff) byte = bytes[at++]!;
      else if (at + 1 < end && bytes[at + 1] === 0) {
        byte = 0xff;
        at += 2;
      } else beyond += 8;
      bits = (bits << 8) | byte;
      count += 8;
    }
  }

  function symbolOf(table: HuffmanTable): number {
    if (count < 16) refill();
    const known = table.lookup[(bits >>> (count - 10)) & 1023]!;
    if (known !== 0) {
      count -= known >> 8;
      return known & 255;
    }
    for (let length = 11; length <= 16; length += 1) {
      const code = (bits >>> (count - length)) & ((1 << length) - 1);
      if (code > table.largest[length]!) continue;
      count -= length;
      return table.symbols[code + table.offset[length]!]!;
    }
    throw unreadable();
  }

  function walkBlock({ dc, ac, mostBits, quantisation }: Component, index: number): void {
    const size = symbolOf(dc);
    if (size > 11) throw unreadable();
    if (size > 0) {
      if (count < size) refill();
      count -= size;
      const value = (bits >>> count) & ((1 << size) - 1);
      const sum = predictions[index]! + (value < 1 << (size - 1) ? value - (1 << size) + 1 : value);
      predictions[index] = sum;
      if ((Math.abs(sum) - 1) * quantisation[0]! > LARGEST) throw unreadable();
    }
    for (let k = 1; k < 64; k += 1) {
      const symbol = symbolOf(ac);
      const size = symbol & 15;
      if (size === 0) {
        if (symbol === 0) return;
        // Sixteen zeros and more to come; no other run is without a value.
        if (symbol !== 0xf0 || k + 16 > 63) throw unreadable();
        k += 15;
        continue;
      }
      k += symbol >> 4;
      if (k > 63 || size > mostBits[k]!) throw unreadable();
      if (count < size) refill();
      count -= size;
    }
  }

  /** Less than a byte may be left, of padding. */
  function endInterval(): void {
    const left = count - beyond;
    if (left < 0 || left > 7) throw unreadable();
    bits = 0;
    count = 0;
    beyond = 0;
    predictions.fill(0);
  }

  for (let done = 0, nth = 0; done < mcus; nth += 1) {
    const until = Math.min(mcus, done + interval);
    for (; done < until; done += 1) {
      for (let index = 0; index < components.length; index += 1) {
        const component = components[index]!;
        for (let block = 0; block < component.blocks; block += 1) walkBlock(component, index);
      }
      if (beyond > count) throw unreadable();
    }
    endInterval();
    at = done < mcus ? behindRestart(bytes, at, end, nth) : at;
  }
  if (at !== end) throw unreadable();
}

/** Restarts count from 0 to 7 and again; fill bytes may precede them. */
function behindRestart(bytes: Uint8Array, from: number, end: number, nth: number): number {
  let at = from + 1;
  while (at < end && bytes[at] === 0xff) at += 1;
  if (bytes[from] !== 0xff || at >= end || bytes[at] !== 0xd0 + (nth & 7)) throw unreadable();
  return at + 1;
}
