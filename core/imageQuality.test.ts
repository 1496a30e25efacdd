import { expect, test } from 'vitest';
import { measureQuality } from './imageQuality.ts';

/** A grey picture from its rows. */
function grey(rows: number[][]): [Uint8Array, number, number] {
  return [Uint8Array.from(rows.flat().flatMap((value) => [value, value, value])), rows[0]!.length, rows.length];
}

test('one colour has its brightness, and neither contrast nor sharpness', () => {
  const flat = Array.from({ length: 5 }, () => [100, 100, 100, 100]);
  expect(measureQuality(...grey(flat))).toEqual({ brightness: 100, contrast: 0, sharpness: 0 });
});

// Laplacians of the four inner pixels: −4 × 80 at the point, +80 above it and left of it, 0 across.
// Mean −40, mean of squares (320² + 2 × 80²) / 4 = 28,800; variance 28,800 − 1,600.
test('a single bright point has the sharpness that one gets by hand', () => {
  const rows = [
    [10, 10, 10, 10],
    [10, 90, 10, 10],
    [10, 10, 10, 10],
    [10, 10, 10, 10],
  ];
  const { brightness, contrast, sharpness } = measureQuality(...grey(rows));
  expect(brightness).toBe(15);
  expect(contrast).toBeCloseTo(Math.sqrt(((90 - 15) ** 2 + 15 * (10 - 15) ** 2) / 16), 10);
  expect(sharpness).toBeCloseTo(27_200, 6);
});

test('brightness weighs green most and blue least', () => {
  const brightness = (...pixel: number[]) =>
    measureQuality(Uint8Array.from(Array(9).fill(pixel).flat()), 3, 3).brightness;
  expect(brightness(0, 200, 0)).toBeGreaterThan(brightness(200, 0, 0));
  expect(brightness(200, 0, 0)).toBeGreaterThan(brightness(0, 0, 200));
  expect(brightness(255, 255, 255)).toBe(255);
});
