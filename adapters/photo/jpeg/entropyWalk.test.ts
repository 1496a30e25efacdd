import { readdirSync, readFileSync } from 'node:fs';
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, test } from 'vitest';
import { readJpeg } from './readJpeg.ts';

const sample = sharp(readFileSync(new URL('../../../samples/synthetic-lesion.jpg', import.meta.url)));
/** The sample by cjpeg 2.1.5 of libjpeg-turbo, whose options sharp does not have. */
const byCjpeg = new URL('../../testing/jpegs/', import.meta.url);
const cjpegFile = (name: string) => readFileSync(new URL(name, byCjpeg));
const encoded = (options: JpegOptions) =>
  sample
    .clone()
    .jpeg({ optimiseCoding: false, ...options })
    .toBuffer();
const walk = (jpeg: Buffer) => readJpeg(jpeg).assertWhole?.();

describe('a picture that is whole is let through', () => {
  test.each(readdirSync(byCjpeg))('%s', (name) => expect(() => walk(cjpegFile(name))).not.toThrow());

  test.each([
    [1, 1],
    [7, 9],
    [17, 31],
    [100, 3],
  ])('of %i × %i pixels, in grey, RGB and CMYK, at any quality', async (width, height) => {
    for (const space of ['b-w', 'srgb', 'cmyk'])
      for (const quality of [5, 60, 100])
        for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
          const small = sample.clone().resize(width, height, { fit: 'fill' }).toColourspace(space);
          const jpeg = await small.jpeg({ quality, chromaSubsampling }).toBuffer();
          expect(() => walk(jpeg), `${space} ${quality} ${chromaSubsampling}`).not.toThrow();
        }
  });

  test('though fill bytes stand before a marker, and bytes of another file behind its end', async () => {
    const jpeg = await encoded({});
    const end = jpeg.length - 2;
    const filled = Buffer.concat([jpeg.subarray(0, end), Buffer.from([0xff, 0xff]), jpeg.subarray(end), jpeg]);
    expect(() => walk(filled)).not.toThrow();
  });
});

describe('of random damages of 64 bytes at least four in five are refused', () => {
  const kinds: Record<string, () => Promise<Buffer> | Buffer> = {
    'standard tables, 4:2:0': () => encoded({}),
    'standard tables, 4:4:4': () => encoded({ chromaSubsampling: '4:4:4' }),
    'optimised tables, 4:2:0': () => encoded({ optimiseCoding: true }),
    'optimised tables, 4:4:4': () => encoded({ optimiseCoding: true, chromaSubsampling: '4:4:4', quality: 95 }),
    'restart markers': () => cjpegFile('restarts.jpg'),
    'restart markers, optimised tables': () => cjpegFile('restarts-optimised.jpg'),
  };

  test.each(Object.entries(kinds))('%s', async (_, make) => {
    const jpeg = await make();
    const random = generator(20261127);
    const from = startOfData(jpeg);
    const damages = 200;
    let found = 0;
    for (let nth = 0; nth < damages; nth += 1) {
      const damaged = Buffer.from(jpeg);
      const at = from + Math.floor(random() * (jpeg.length - 2 - 64 - from));
      for (let offset = 0; offset < 64; offset += 1) damaged[at + offset] = random() * 256;
      if (refuses(damaged)) found += 1;
    }
    expect(found / damages).toBeGreaterThanOrEqual(0.8);
  });
});

test.each([
  ['the last MCU is missing', (jpeg: Buffer) => cut(jpeg, jpeg.length - 60, jpeg.length - 2)],
  ['a restart is missing', (jpeg: Buffer) => cut(jpeg, restartIn(jpeg), restartIn(jpeg) + 2)],
  ['restarts stand in another order', (jpeg: Buffer) => replaced(jpeg, restartIn(jpeg) + 1, 0xd5)],
  [
    'a byte too many stands at the end',
    (jpeg: Buffer) => Buffer.concat([jpeg.subarray(0, -2), Buffer.of(0, 0xff, 0xd9)]),
  ],
])('it is refused where %s', (_, spoil) => {
  const jpeg = cjpegFile('restarts.jpg');
  expect(() => walk(spoil(jpeg))).toThrow(expect.objectContaining({ type: 'UnreadableImage' }));
});

function refuses(jpeg: Buffer): boolean {
  try {
    walk(jpeg);
    return false;
  } catch {
    return true;
  }
}

/** Behind the header of the only scan. */
function startOfData(jpeg: Buffer): number {
  let at = 2;
  while (jpeg[at + 1] !== 0xda) at += 2 + jpeg.readUInt16BE(at + 2);
  return at + 2 + jpeg.readUInt16BE(at + 2);
}

function restartIn(jpeg: Buffer): number {
  return jpeg.indexOf(Buffer.of(0xff, 0xd0), startOfData(jpeg));
}

function cut(jpeg: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([jpeg.subarray(0, from), jpeg.subarray(to)]);
}

function replaced(jpeg: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(jpeg);
  changed[at] = value;
  return changed;
}

/** The same numbers from 0 to 1 each time (a linear congruence of Numerical Recipes). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
