import { limits } from '../generated/contract.ts';
import { tooManyBytes, usualType } from '../generated/photo/formats.ts';
import { contentTypeOf, headBytes, isRecognised, refusalOf } from '../generated/photo/recognise.ts';
import { LesionError } from '../lesionError.ts';

export type Photo = Blob | Uint8Array<ArrayBuffer>;

const { maximumBytes } = limits;

/**
 * A photo ready to be sent, its type told by its first bytes: file names and a Blob's `type` are often wrong.
 *
 * @param contentType if you know better than the first bytes; then the server is the one to judge
 * @throws LesionError UnsupportedImage or ImageTooLarge, before anything is sent, in the server's words
 */
export async function preparePhoto(photo: Photo, contentType?: string): Promise<Blob> {
  const size = photo instanceof Blob ? photo.size : photo.byteLength;
  const head = await firstBytes(photo);
  const type = size > 0 && contentType ? usualType(contentType) : contentTypeOf(head);
  // What it is comes first: a smaller one of the same kind would not be taken either.
  if (size > maximumBytes && (type || !isRecognised(head))) {
    throw new LesionError('ImageTooLarge', tooManyBytes(size, maximumBytes), { info: { maximumBytes } });
  }
  if (type) return new Blob([photo], { type });
  throw new LesionError('UnsupportedImage', refusalOf(head), { info: { contentTypes: limits.contentTypes } });
}

async function firstBytes(photo: Photo): Promise<Uint8Array> {
  return photo instanceof Blob
    ? new Uint8Array(await photo.slice(0, headBytes).arrayBuffer())
    : photo.subarray(0, headBytes);
}
