import { readFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { decodeImage } from '../imageDecoder.ts';
import { type Colour, quadrants, solid } from '../testing/pictures.ts';

const input = { width: 160, height: 160 };
const skin: Colour = [180, 90, 60];
const corners: [Colour, Colour, Colour, Colour] = [
  [200, 30, 30],
  [30, 180, 40],
  [30, 40, 200],
  [120, 120, 120],
];
const [red, , blue] = corners;
const whole = () => sharp(readFileSync(new URL('../../samples/synthetic-lesion.jpg', import.meta.url)));

/** At a place given in shares of the side. */
function colourAt(rgb: Uint8Array, x: number, y: number): number[] {
  const pixel = Math.floor(y * input.height) * input.width + Math.floor(x * input.width);
  return [...rgb.subarray(pixel * 3, pixel * 3 + 3)];
}

function expectColour(found: readonly number[], wanted: readonly number[], tolerance: number) {
  const off = found.map((value, channel) => Math.abs(value - wanted[channel]!));
  expect(Math.max(...off), `${found} for ${wanted}`).toBeLessThanOrEqual(tolerance);
}

test.each([
  ['PNG', (picture: Sharp) => picture.png()],
  ['WebP', (picture: Sharp) => picture.webp({ lossless: true })],
])('a %s shows medium grey where it is transparent, whatever colour it hides there', async (_, save) => {
  const hidden = sharp({
    create: { width: 600, height: 450, channels: 4, background: { r: 250, g: 0, b: 0, alpha: 0 } },
  });
  expectColour(colourAt((await decodeImage(await save(hidden).toBuffer(), input)).rgb, 0.5, 0.5), [128, 128, 128], 0);
  const half = await decodeImage(await save(solid(600, 450, skin, 4)).toBuffer(), input);
  expectColour(
    colourAt(half.rgb, 0.5, 0.5),
    skin.map((value) => (value + 128) / 2),
    2,
  );
});

test.each([
  ['an interlaced PNG', () => whole().png({ progressive: true })],
  ['a PNG of 16 bits', () => whole().toColourspace('rgb16').png()],
  ['a PNG with an alpha channel that hides nothing', () => whole().ensureAlpha().png()],
  ['a lossless WebP', () => whole().webp({ lossless: true })],
  ['a lossless WebP with an alpha channel that hides nothing', () => whole().ensureAlpha().webp({ lossless: true })],
])('%s reaches the model bit for bit as a PNG does', async (_, make) => {
  const twin = await decodeImage(await whole().png().toBuffer(), input);
  const found = await decodeImage(await make().toBuffer(), input);
  expect(Buffer.compare(found.rgb, twin.rgb)).toBe(0);
});

test('a palette PNG reaches the model bit for bit as one without a palette', async () => {
  const picture = await quadrants(300, 200, corners);
  const [palette, full] = [picture.clone().png({ palette: true }), picture.clone().png()];
  const [found, twin] = [
    await decodeImage(await palette.toBuffer(), input),
    await decodeImage(await full.toBuffer(), input),
  ];
  expect(Buffer.compare(found.rgb, twin.rgb)).toBe(0);
});

test('a WebP of a camera that was held on its side comes out upright', async () => {
  const stored = await quadrants(300, 200, corners);
  const bytes = await stored.webp({ lossless: true }).withMetadata({ orientation: 6 }).toBuffer();
  const { rgb, photo } = await decodeImage(bytes, input);
  expectColour(colourAt(rgb, 0.25, 0.25), blue, 3);
  expectColour(colourAt(rgb, 0.75, 0.25), red, 3);
  expect(photo).toEqual({ width: 200, height: 300 });
});
