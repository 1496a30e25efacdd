const directoryOf = { exif: 0x8769, interoperability: 0xa005 };
const index = 1;

/**
 * Cameras set to Adobe RGB put no profile into a JPEG: they say "R03" (DCF 2.0, 3.1.2), three directories deep.
 *
 * @param content of an APP1 segment
 */
export function saysAdobeRgb(content: Buffer): boolean {
  if (content.toString('latin1', 0, 6) !== 'Exif\0\0') return false;
  const tiff = content.subarray(6);
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const number = (at: number, size: 2 | 4) => {
    if (at + size > tiff.length) return 0;
    return little ? tiff.readUIntLE(at, size) : tiff.readUIntBE(at, size);
  };
  /** Finds where the value of a tag stands in the directory at an offset; 0 if there is none. */
  const placeOf = (directory: number, tag: number) => {
    const count = directory > 0 ? Math.min(number(directory, 2), Math.floor(tiff.length / 12)) : 0;
    const places = Array.from({ length: count }, (_, entry) => directory + 2 + entry * 12);
    const found = places.find((at) => number(at, 2) === tag);
    return found === undefined ? 0 : found + 8;
  };
  const below = (directory: number, tag: number) => {
    const place = placeOf(directory, tag);
    return place > 0 ? number(place, 4) : 0;
  };
  const interoperability = below(below(number(4, 4), directoryOf.exif), directoryOf.interoperability);
  const place = placeOf(interoperability, index);
  return place > 0 && tiff.toString('latin1', place, place + 3) === 'R03';
}
