import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function goodPhoto(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(import.meta.dirname, '../../samples/synthetic-lesion.jpg')));
}

/** A JPEG by its first bytes, of which the second half is missing. */
export function damagedPhoto(): Uint8Array<ArrayBuffer> {
  const photo = goodPhoto();
  return photo.slice(0, photo.length / 2);
}
