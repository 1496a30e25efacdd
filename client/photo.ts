import { limits } from './generated/contract.ts';
import { LesionError } from './lesionError.ts';

export type Photo = Blob | Uint8Array<ArrayBuffer>;

const { maximumBytes } = limits;
type ContentType = (typeof limits.contentTypes)[number];

/** First bytes of the formats that the API takes; undefined stands for any byte. */
const signatures: Record<ContentType, (number | undefined)[]> = {
  'image/jpeg': [0xff, 0xd8, 0xff],
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  'image/webp': [...ascii('RIFF'), undefined, undefined, undefined, undefined, ...ascii('WEBP')],
};

/**
 * A photo ready to be sent, its type told by its first bytes: file names and a Blob's `type` are often wrong.
 *
 * @param contentType if you know better than the first bytes; then the server is the one to judge
 * @throws LesionError UnsupportedImage or ImageTooLarge, before anything is sent
 */
export async function preparePhoto(photo: Photo, contentType?: string): Promise<Blob> {
  const size = photo instanceof Blob ? photo.size : photo.byteLength;
  if (size === 0) throw unsupported('The photo is empty (0 bytes). Take it again.');
  if (size > maximumBytes) throw tooLarge(size);
  const type = contentType ?? contentTypeOf(await firstBytes(photo));
  if (!type) throw unsupported('The photo is no JPEG, PNG or WebP file. Send one of these.');
  return new Blob([photo], { type });
}

/** The type that the first 12 bytes tell, if it is one that the API takes. */
export function contentTypeOf(head: Uint8Array): ContentType | undefined {
  const fits = (bytes: (number | undefined)[]) => bytes.every((byte, at) => byte === undefined || byte === head[at]);
  return limits.contentTypes.find((type) => fits(signatures[type]));
}

async function firstBytes(photo: Photo): Promise<Uint8Array> {
  return photo instanceof Blob ? new Uint8Array(await photo.slice(0, 12).arrayBuffer()) : photo.subarray(0, 12);
}

function unsupported(message: string): LesionError {
  return new LesionError('UnsupportedImage', message, { info: { contentTypes: limits.contentTypes } });
}

function tooLarge(size: number): LesionError {
  const megabytes = (size / 1024 / 1024).toFixed(1);
  const most = maximumBytes / 1024 / 1024;
  const message = `The photo has ${megabytes} MB; at most ${most} MB are taken. Make it smaller.`;
  return new LesionError('ImageTooLarge', message, { info: { maximumBytes } });
}

function ascii(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}
