import { expect, test } from 'vitest';
import { LesionError } from '../../core/errors.ts';
import { readPhoto } from '../photoFormat.ts';
import { flatJpeg, flatProgressiveJpeg, jpegClaiming, png, solid, webpClaiming } from '../testing/pictures.ts';
import { assertPixels } from './pixelLimit.ts';

const width = 10_000;
const skin = [180, 90, 60] as const;

/** By the header alone. */
function verdictOn(bytes: Buffer): string {
  try {
    assertPixels(readPhoto(bytes));
    return 'taken';
  } catch (error) {
    return error instanceof LesionError ? `${error.type}: ${error.message}` : String(error);
  }
}

const coarser = await solid(64, 64, skin).jpeg({ progressive: true }).toBuffer();
const greyInScans = await solid(64, 64, skin).toColourspace('b-w').jpeg({ progressive: true }).toBuffer();
const lossy = await solid(64, 64, skin).webp().toBuffer();
const lossless = await solid(64, 64, skin).webp({ lossless: true }).toBuffer();
const pngWith = (bitDepth: number, colours: number) => (rows: number) => png(width, rows, { bitDepth, colours });

test.each<[string, megapixels: number, (rows: number) => Buffer]>([
  ['JPEG', 200, (rows) => jpegClaiming(flatJpeg(64, 64), width, rows)],
  ['progressive JPEG in grey', 200, (rows) => jpegClaiming(greyInScans, width, rows)],
  ['progressive JPEG with colour stored coarser', 133, (rows) => jpegClaiming(coarser, width, rows)],
  ['progressive JPEG', 66, (rows) => jpegClaiming(flatProgressiveJpeg(64, 64), width, rows)],
  ['PNG in grey', 200, pngWith(8, 0)],
  ['PNG in RGB', 133, pngWith(8, 2)],
  ['PNG in RGB with alpha', 100, pngWith(8, 6)],
  ['PNG in RGB of 16 bits', 66, pngWith(16, 2)],
  ['PNG in RGB of 16 bits with alpha', 50, pngWith(16, 6)],
  ['lossy WebP', 50, (rows) => webpClaiming(lossy, width, rows)],
  ['lossless WebP', 50, (rows) => webpClaiming(lossless, width, rows)],
])('a %s is taken with %i megapixels, and not with one more', (_, megapixels, claiming) => {
  const rows = megapixels * 100;
  expect(verdictOn(claiming(rows))).toBe('taken');
  expect(verdictOn(claiming(rows + 100))).toMatch(
    new RegExp(
      `^ImageTooLarge: The photo has 10000 × ${rows + 100} pixels; of a .* like this at most ${megapixels} mega`,
    ),
  );
});

test('no side may have more than 65,535 pixels', () => {
  expect(verdictOn(png(65_535, 1))).toBe('taken');
  expect(verdictOn(png(65_536, 1))).toMatch(/^ImageTooLarge: .*no side may have more than 65535\. Send a smaller one/);
});
