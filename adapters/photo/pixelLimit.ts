import { LesionError } from '../../core/errors.ts';
import type { Picture } from './picture.ts';

/** Of one photo while it is decoded; six at once and the model stay within the function's memory. */
const bytesForPixels = 400e6;

/** However little memory a picture needs: what the best phones take. */
const mostPixels = 200_000_000;

/** Pixels of a picture of that kind that are decoded. */
export function maximumPixels({ bytesPerPixel }: Pick<Picture, 'bytesPerPixel'>): number {
  return Math.min(mostPixels, Math.floor(bytesForPixels / Math.max(1, bytesPerPixel)));
}

/** @throws LesionError ImageTooLarge */
export function assertPixels(picture: Picture): void {
  const { kind, width, height } = picture;
  const most = maximumPixels(picture);
  if (width * height <= most) return;
  const megapixels = Math.floor(most / 1e6);
  const message = `The photo has ${width} × ${height} pixels; of a ${kind} like this at most ${megapixels} megapixels are taken. Send a smaller one.`;
  throw new LesionError('ImageTooLarge', message, { info: { width, height, maximumPixels: most } });
}
