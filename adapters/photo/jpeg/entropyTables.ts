import { unreadable } from '../picture.ts';
import type { Segment } from './segments.ts';

/** Codes up to this long are found at once, which almost all are. */
const LOOKUP_BITS = 10;

/**
 * A Huffman table, ready to be walked. A code's entry is a number: in its lowest five bits how far it reaches, the bits
 * of the value behind it included, then four bits of that value's size, then four of the run of zeros before it.
 */
export interface HuffmanTable {
  /** Entries by the next ten bits; 0 where the code is longer. */
  lookup: Int32Array;
  /** By code length: the first code that is longer, as the upper bits of 16. */
  beyond: Int32Array;
  /** By code length: what leads from a code to its entry. */
  offset: Int32Array;
  entries: Int32Array;
}

/** What a scan is decoded with: tables that stand before it, each of the last definition. */
export interface EntropyTables {
  dc: (HuffmanTable | undefined)[];
  ac: (HuffmanTable | undefined)[];
  /** In the order of the coefficients' coding (zigzag). */
  quantisation: (Uint16Array | undefined)[];
  /** MCUs between two restarts; 0: none. */
  restartInterval: number;
}

const [DHT, DQT, DRI] = [0xc4, 0xdb, 0xdd];

export function noTables(): EntropyTables {
  return { dc: [], ac: [], quantisation: [], restartInterval: 0 };
}

/** Takes up what a segment defines. @throws LesionError UnreadableImage where it is not whole */
export function define(tables: EntropyTables, { marker, data }: Segment): void {
  if (marker === DHT) defineHuffman(tables, data);
  if (marker === DQT) defineQuantisation(tables, data);
  if (marker === DRI) tables.restartInterval = data.length >= 2 ? data.readUInt16BE(0) : 0;
}

/** The entry of the code that these bits begin with. @throws LesionError UnreadableImage where there is none */
export function entryAt(table: HuffmanTable, bits: number): number {
  const entry = table.lookup[bits >>> (32 - LOOKUP_BITS)]!;
  return entry !== 0 ? entry : longEntryAt(table, bits >>> 16);
}

function longEntryAt({ beyond, offset, entries }: HuffmanTable, bits: number): number {
  let length = LOOKUP_BITS + 1;
  while (length <= 16 && bits >= beyond[length]!) length += 1;
  if (length > 16) throw unreadable();
  return entries[(bits >>> (16 - length)) + offset[length]!]!;
}

function defineHuffman(tables: EntropyTables, data: Buffer): void {
  for (let at = 0; at < data.length; ) {
    const which = data[at]!;
    const counts = data.subarray(at + 1, at + 17);
    const symbols = data.subarray(at + 17, at + 17 + counts.reduce((sum, count) => sum + count, 0));
    (which >> 4 ? tables.ac : tables.dc)[which & 15] = huffmanTable(counts, symbols);
    at += 17 + symbols.length;
  }
}

/** T.81, annex C: codes of one length follow each other, and the first of the next length is twice as large. */
function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const [lookup, beyond, offset] = [new Int32Array(1 << LOOKUP_BITS), new Int32Array(17), new Int32Array(17)];
  const entries = new Int32Array(symbols.length);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length += 1) {
    const count = counts[length - 1] ?? 0;
    offset[length] = index - code;
    for (let nth = 0; nth < count; nth += 1, code += 1, index += 1) {
      if (code >= 1 << length || index >= symbols.length) throw unreadable();
      const [run, size] = [symbols[index]! >> 4, symbols[index]! & 15];
      entries[index] = (run << 9) | (size << 5) | (length + size);
      const first = code << (LOOKUP_BITS - length);
      if (length <= LOOKUP_BITS) lookup.fill(entries[index]!, first, first + (1 << (LOOKUP_BITS - length)));
    }
    beyond[length] = code << (16 - length);
    code <<= 1;
  }
  return { lookup, beyond, offset, entries };
}

function defineQuantisation(tables: EntropyTables, data: Buffer): void {
  for (let at = 0; at < data.length; ) {
    const which = data[at]!;
    const size = which >> 4 ? 2 : 1;
    if (at + 1 + 64 * size > data.length) throw unreadable();
    const from = at + 1;
    tables.quantisation[which & 15] = Uint16Array.from({ length: 64 }, (_, index) =>
      size === 2 ? data.readUInt16BE(from + index * 2) : data[from + index]!,
    );
    at = from + 64 * size;
  }
}
