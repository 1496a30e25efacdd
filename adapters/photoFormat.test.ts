import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LesionError } from '../core/errors.ts';
import { readPhoto } from './photoFormat.ts';
import { colourChunks, flatJpeg, flatProgressiveJpeg, pngOfSamples, solid } from './testing/pictures.ts';

const { gamma, corners } = colourChunks;
const wholes = [
  flatJpeg(64, 48),
  flatProgressiveJpeg(64, 48),
  pngOfSamples([180, 90, 60], [gamma(1), corners(0.31, 0.33, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)]),
  await solid(64, 48, [180, 90, 60]).webp().toBuffer(),
  await solid(64, 48, [180, 90, 60], 4).webp({ lossless: true }).toBuffer(),
  Buffer.from('II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x05\0\0\0\x20\0\0\0\0\0', 'latin1'),
  Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
];

test('bytes that are changed or cut anywhere give a photo or an error for the caller, and nothing else', () => {
  const change = fc.record({ at: fc.nat({ max: 300 }), value: fc.integer({ min: 0, max: 255 }) });
  const file = fc.constantFrom(...wholes);
  fc.assert(
    fc.property(
      file,
      fc.array(change, { maxLength: 6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (whole, changes, share) => {
        const bytes = Buffer.from(whole.subarray(0, Math.ceil(whole.length * share)));
        for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
        try {
          const { width, height } = readPhoto(bytes);
          expect([width, height].every(Number.isInteger)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(LesionError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
