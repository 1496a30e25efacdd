import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { limits } from '../client/generated/contract.ts';
import { isRecognised } from '../client/generated/photo/recognise.ts';
import { LesionError } from '../client/lesionError.ts';

export interface PhotoFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Set where only the file's name says that it is a photo: the server then judges it. */
  contentType?: string;
}

const extensions: Record<(typeof limits.contentTypes)[number], string[]> = {
  'image/jpeg': ['.jpg', '.jpeg'],
  'image/png': ['.png'],
  'image/webp': ['.webp'],
};

/** @throws LesionError InvalidInput where there is no such file */
export async function readPhotoFile(path: string): Promise<PhotoFile> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new LesionError('InvalidInput', `Cannot read ${path} (${cause.code})`, { cause });
  });
  const extension = extname(path).toLowerCase();
  const named = limits.contentTypes.find((type) => extensions[type].includes(extension));
  const told = isRecognised(bytes) ? undefined : named;
  return { name: basename(path), bytes: new Uint8Array(bytes), ...(told && { contentType: told }) };
}
