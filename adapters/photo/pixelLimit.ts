import { LesionError } from '../../core/errors.ts';
import type { Picture } from './picture.ts';

/** Bytes that one photo may take while it is decoded: six at once and the model stay within the function's memory. */
const bytesForPixels = 400e6;

/** However little memory a picture needs: what the best phones take. */
const mostPixels = 200_000_000;

/** Pixels of a picture of that kind that are decoded. */
export function maximumPixels({ bytesPerPixel }: Pick<Picture, 'bytesPerPixel'>): number {
  return Math.min(mostPixels, Math.floor(bytesForPixels / Math.max(1, bytesPerPixel)));
}

/** The longest side, as in a JPEG: each row of a longer one would cost more than many a photo. */
const longestSide = 65_535;

/** @throws LesionError ImageTooLarge */
export function assertPixels(picture: Picture): void {
  const { kind, width, height } = picture;
  const most = maximumPixels(picture);
  if (width * height > most) {
    throw tooLarge(picture, `of a ${kind} like this at most ${Math.floor(most / 1e6)} megapixels are taken`);
  }
  if (Math.max(width, height) > longestSide) {
    throw tooLarge(picture, `no side may have more than ${longestSide}`);
  }
}

function tooLarge(picture: Picture, limit: string): LesionError {
  const { width, height } = picture;
  const message = `The photo has ${width} × ${height} pixels; ${limit}. Send a smaller one.`;
  return new LesionError('ImageTooLarge', message, { info: { width, height, maximumPixels: maximumPixels(picture) } });
}
