import { unreadable } from '../picture.ts';

/** A scan's data as a decoder reads them. */
export interface EntropyBits {
  /** Without the zeros that stand behind 0xff, and without restarts; room for one block's reading behind the end. */
  view: DataView;
  /** Where each stretch between restarts ends, in bytes. */
  ends: number[];
}

/** More than the largest block takes: 27 bits for the mean, and 63 times 26. */
const ROOM = 256;

/**
 * ITU-T T.81, B.1.1.5: 0xff in the data is followed by a zero, or else it is a restart, which count from 0 to 7 and
 * again. Fill bytes may precede either.
 *
 * @param bytes of the scan's data alone
 * @throws LesionError UnreadableImage for a restart that is not the next
 */
export function entropyBits(bytes: Uint8Array): EntropyBits {
  const data = new Uint8Array(bytes.length + ROOM);
  const ends: number[] = [];
  let length = 0;
  const keep = (from: number, to: number) => {
    data.set(bytes.subarray(from, to), length);
    length += to - from;
  };
  let from = 0;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, from)) {
    let code = at + 1;
    while (bytes[code] === 0xff) code += 1;
    const isByte = bytes[code] === 0;
    keep(from, isByte ? at + 1 : at);
    from = code + 1;
    if (isByte) continue;
    if (bytes[code] !== 0xd0 + (ends.length & 7)) throw unreadable();
    ends.push(length);
  }
  keep(from, bytes.length);
  ends.push(length);
  return { view: new DataView(data.buffer), ends };
}
