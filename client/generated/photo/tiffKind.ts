// Generated from schema.graphql by `npm run codegen`. Do not edit.
import { startsWith, textAt, view } from './bytes.ts';
import { type Format, formats, raw } from './formats.ts';

/** Most cameras' RAW files are TIFF files, told apart by what their first directory says (TIFF 6.0; DNG 1.7). */
export function tiffOrRaw(head: Uint8Array): Format {
  if (startsWith(head, 'CR', 8)) return raw('Canon CR2');
  const tags = firstDirectory(head);
  if (tags.has(tag.dngVersion)) return formats.dng;
  const rawData = [32_767, 32_769, 32_770, 34_713, 65_000, 65_535].includes(Number(tags.get(tag.compression)));
  const make = String(tags.get(tag.make) ?? '');
  const kind = makers.find(([start]) => make.toUpperCase().startsWith(start))?.[1];
  if (rawData || tags.get(tag.photometric) === 32_803) return raw(kind ?? 'of a camera');
  // A RAW file shows a small preview first, and has the picture in a directory below it.
  return kind && tags.has(tag.subDirectories) ? raw(kind) : formats.tiff;
}

const tag = { compression: 0x103, photometric: 0x106, make: 0x10f, subDirectories: 0x14a, dngVersion: 0xc612 };

const makers: readonly [start: string, kind: string][] = [
  ['NIKON', 'Nikon NEF'],
  ['SONY', 'Sony ARW'],
  ['PENTAX', 'Pentax PEF'],
  ['RICOH', 'Pentax PEF'],
  ['SAMSUNG', 'Samsung SRW'],
  ['CANON', 'Canon'],
  ['HASSELBLAD', 'Hasselblad 3FR'],
  ['PHASE ONE', 'Phase One IIQ'],
  ['EASTMAN KODAK', 'Kodak DCR'],
  ['KODAK', 'Kodak DCR'],
  ['EPSON', 'Epson ERF'],
  ['LEAF', 'Leaf MOS'],
];

/** Short numbers and texts by their tag; whatever lies outside the head is left out. */
function firstDirectory(head: Uint8Array): Map<number, number | string> {
  const [data, little] = [view(head), head[0] === 0x49];
  const tags = new Map<number, number | string>();
  if (head.length < 8) return tags;
  const start = data.getUint32(4, little);
  const count = start + 2 <= head.length ? data.getUint16(start, little) : 0;
  for (let at = start + 2; at + 12 <= Math.min(head.length, start + 2 + count * 12); at += 12) {
    const [type, length] = [data.getUint16(at + 2, little), data.getUint32(at + 4, little)];
    const text = type === 2 && textAt(head, length > 4 ? data.getUint32(at + 8, little) : at + 8, Math.min(length, 64));
    tags.set(data.getUint16(at, little), text || data.getUint16(at + 8, little));
  }
  return tags;
}
