import { unreadable } from '../picture.ts';
import type { Segment } from './segments.ts';

const LOOKUP_BITS = 10;

/** A Huffman table, ready to be walked. */
export interface HuffmanTable {
  /** By the next ten bits: length of the code in the upper byte, its symbol in the lower; 0 where the code is longer. */
  lookup: Uint16Array;
  /** By code length from 1 to 16: the largest code, or -1; behind it, what leads from a code to its symbol. */
  largest: Int32Array;
  offset: Int32Array;
  symbols: Uint8Array;
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
  const table = {
    lookup: new Uint16Array(1 << LOOKUP_BITS),
    largest: new Int32Array(17).fill(-1),
    offset: new Int32Array(17),
    symbols: Uint8Array.from(symbols),
  };
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length += 1) {
    const count = counts[length - 1] ?? 0;
    table.offset[length] = index - code;
    for (let nth = 0; nth < count; nth += 1, code += 1, index += 1) {
      if (code >= 1 << length || index >= symbols.length) throw unreadable();
      if (length > LOOKUP_BITS) continue;
      const first = code << (LOOKUP_BITS - length);
      table.lookup.fill((length << 8) | symbols[index]!, first, first + (1 << (LOOKUP_BITS - length)));
    }
    if (count > 0) table.largest[length] = code - 1;
    code <<= 1;
  }
  return table;
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
