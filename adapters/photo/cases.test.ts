import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../imageDecoder.ts';

/** Photos as cameras and programs write them, with what each must give; they lie beside the repository. */
const folder = join(import.meta.dirname, '../../../shared/cases/photos');
const input = { width: 160, height: 160 };
const decoded = (name: string) => decodeImage(readFileSync(join(folder, name)), input);

describe.skipIf(!existsSync(folder))('of the photo cases (skipped without ../shared/cases)', () => {
  test.each([
    ['ultrahdr-whole.jpg', 'twin-base.jpg', 0],
    ['ultrahdr-grey-primary.jpg', 'twin-grey.jpg', 0],
    ['no-eoi.jpg', 'twin-base.jpg', 0],
    ['rgb16-with-srgb-icc.png', 'twin-srgb8-q.png', 1],
    ['grey16-with-grey-icc.png', 'grey8-with-grey-icc.png', 1],
    ['displayp3-by-cicp.png', 'twin-srgb8-q.png', 2],
    ['lossless.webp', 'twin-of-lossless-webp.png', 0],
    ['apng-of-one-frame.png', 'twin-srgb8-q.png', 1],
  ])('%s reaches the model as %s does, within %i levels', async (name, twin, levels) => {
    const [found, wanted] = [(await decoded(name)).rgb, (await decoded(twin)).rgb];
    const off = found.reduce((most, value, index) => Math.max(most, Math.abs(value - wanted[index]!)), 0);
    expect(off).toBeLessThanOrEqual(levels);
  });

  test('circle-cut-alpha.png shows medium grey in its corners', async () => {
    const { rgb } = await decoded('circle-cut-alpha.png');
    expect([...rgb.subarray(0, 3)]).toEqual([128, 128, 128]);
  });

  test('pixel-8160x6144.jpg, of 50 megapixels, is decoded', async () => {
    expect((await decoded('pixel-8160x6144.jpg')).photo).toEqual({ width: 8160, height: 6144 });
  });

  test.each([
    ['ultrahdr-primary-spoilt.jpg', 'UnreadableImage', /damaged/],
    ['damaged-optimised-tables.jpg', 'UnreadableImage', /damaged/],
    ['jpeg-12bit-header.jpg', 'UnsupportedImage', /This is a JPEG with 12 bits per colour\..*plain \(baseline\) JPEG/],
  ])('%s is %s', async (name, type, message) => {
    await expect(decoded(name)).rejects.toMatchObject({ type, message: expect.stringMatching(message) });
  });
});
