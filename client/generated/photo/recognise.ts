// Generated from schema.graphql by `npm run codegen`. Do not edit.
import { startsWith, textAt, view } from './bytes.ts';
import { emptyFile, type Format, formats, raw, refusal, sendAPhoto } from './formats.ts';
import { refusedJpeg } from './jpegKind.ts';
import { tiffOrRaw } from './tiffKind.ts';

/** How much of a file's start tells what it is: a JPEG names its kind behind its metadata, which may be long. */
export const headBytes = 256 * 1024;

type TakenType = 'image/jpeg' | 'image/png' | 'image/webp';

const taken: readonly [TakenType, (head: Uint8Array) => boolean][] = [
  ['image/jpeg', (head) => startsWith(head, '\xff\xd8\xff')],
  ['image/png', (head) => startsWith(head, '\x89PNG\r\n\x1a\n')],
  ['image/webp', (head) => startsWith(head, 'RIFF') && startsWith(head, 'WEBP', 8)],
];

/** @returns the type that the first bytes tell, if it is one that is taken */
export function contentTypeOf(head: Uint8Array): TakenType | undefined {
  if (refusedFormat(head)) return undefined;
  return taken.find(([, matches]) => matches(head))?.[0];
}

/** @returns what to tell the sender of a file that is not taken */
export function refusalOf(head: Uint8Array): string {
  if (head.length === 0) return emptyFile;
  const format = refusedFormat(head);
  return format ? refusal(format) : `This is not a photo that can be read. ${sendAPhoto}.`;
}

/** Whether the first bytes tell what it is, be it taken or not. */
export function isRecognised(head: Uint8Array): boolean {
  return contentTypeOf(head) !== undefined || refusedFormat(head) !== undefined;
}

function refusedFormat(head: Uint8Array): Format | undefined {
  if (startsWith(head, '\xff\xd8\xff')) return refusedJpeg(head);
  if (startsWith(head, 'ftyp', 4)) return byBrand(head);
  return bySignature.find(([signature, , offset]) => startsWith(head, signature, offset))?.[1] ?? byLook(head);
}

const bySignature: readonly [signature: string, format: Format, offset?: number][] = [
  ['GIF8', formats.gif],
  ['%PDF', formats.pdf],
  ['DICM', formats.dicom, 128],
  // The part 10 header may be missing: then the data begins with the first group.
  ['\x08\0\x05\0\x0a\0\0\0ISO_IR', formats.dicom],
  ['\x08\0\x05\0CS', formats.dicom],
  ['\0\0\0\x0cJXL ', formats.jxl],
  ['\xff\x0a', formats.jxl],
  ['\0\0\0\x0cjP  ', formats.jp2],
  ['\xff\x4f\xff\x51', formats.jp2],
  ['II\xbc\x01', formats.jxr],
  ['8BPS', formats.psd],
  ['FUJIFILMCCD-RAW', raw('Fujifilm RAF')],
  ['IIRO', raw('Olympus ORF')],
  ['IIRS', raw('Olympus ORF')],
  ['MMOR', raw('Olympus ORF')],
  ['IIU\0', raw('Panasonic RW2')],
  ['II\x1a\0\0\0HEAPCCDR', raw('Canon CRW')],
  ['FOVb', raw('Sigma X3F')],
  ['\0MRM', raw('Minolta MRW')],
  ['PK\x03\x04', formats.zip],
  ['\x1aE\xdf\xa3', formats.video],
  ['\0\0\x01\xba', formats.video],
  ['\0\0\x01\xb3', formats.video],
  ['FLV\x01', formats.video],
  ['moov', formats.video, 4],
  ['mdat', formats.video, 4],
  ['wide', formats.video, 4],
];

function byLook(head: Uint8Array): Format | undefined {
  if (startsWith(head, 'RIFF') && startsWith(head, 'AVI ', 8)) return formats.video;
  if (startsWith(head, 'II*\0') || startsWith(head, 'MM\0*')) return tiffOrRaw(head);
  if (startsWith(head, 'II+\0') || startsWith(head, 'MM\0+')) return formats.tiff;
  // Two letters alone are too few to go by: four bytes that are always 0 follow the length.
  if (startsWith(head, 'BM') && (head.length < 10 || startsWith(head, '\0\0\0\0', 6))) return formats.bmp;
  return /^(\xef\xbb\xbf)?\s*</.test(textAt(head, 0, 64)) ? formats.text : undefined;
}

/** The brands of an ISO base media file (ISO/IEC 14496-12, 4.3): the major one, a version, the compatible ones. */
function byBrand(head: Uint8Array): Format {
  const length = Math.min(view(head).getUint32(0), 256);
  const brands = textAt(head, 8, Math.max(12, length) - 8).match(/[\s\S]{4}/g) ?? [];
  const has = (...wanted: string[]) => brands.some((brand) => wanted.includes(brand));
  if (has('avif', 'avis')) return formats.avif;
  if (has('heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1')) return formats.heic;
  if (has('crx ')) return raw('Canon CR3');
  if (has('jp2 ', 'jpx ', 'jph ')) return formats.jp2;
  return formats.video;
}
