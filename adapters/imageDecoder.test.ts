import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ErrorType, LesionError } from '../core/errors.ts';
import { decodeImage } from './imageDecoder.ts';
import { type Colour, jpegClaiming, png, pngChunk, quadrants, solid, spoilt } from './testing/pictures.ts';

const input = { width: 160, height: 160 };
const skin: Colour = [180, 90, 60];
const [red, green, blue, grey]: Colour[] = [
  [200, 30, 30],
  [30, 180, 40],
  [30, 40, 200],
  [120, 120, 120],
] as const;
const photo = await sharp(readFileSync(new URL('../samples/synthetic-lesion.jpg', import.meta.url)))
  .jpeg()
  .toBuffer();

async function refusal(bytes: Uint8Array): Promise<{ type: ErrorType; message: string }> {
  const error: unknown = await decodeImage(bytes, input).then(
    () => new Error('it was decoded'),
    (reason: unknown) => reason,
  );
  if (error instanceof LesionError) return { type: error.type, message: error.message };
  throw error;
}

/** At a place given in shares of the side. */
function colourAt(rgb: Uint8Array, x: number, y: number): number[] {
  const pixel = Math.floor(y * input.height) * input.width + Math.floor(x * input.width);
  return [...rgb.subarray(pixel * 3, pixel * 3 + 3)];
}

function expectColour(found: readonly number[], wanted: readonly number[] | undefined, tolerance: number) {
  const off = found.map((value, channel) => Math.abs(value - (wanted?.[channel] ?? Number.NaN)));
  expect(Math.max(...off), `${found} for ${wanted}`).toBeLessThanOrEqual(tolerance);
}

describe('a photo comes out', () => {
  // Top left, top right, bottom left, bottom right of the stored R G / B X as a person should see it (EXIF 2.3, 4.6.4).
  test.each([
    [1, 'RGBX'],
    [2, 'GRXB'],
    [3, 'XBGR'],
    [4, 'BXRG'],
    [5, 'RBGX'],
    [6, 'BRXG'],
    [7, 'XGBR'],
    [8, 'GXRB'],
  ])('upright with EXIF orientation %i', async (orientation, seen) => {
    const stored = await quadrants(300, 200, [red!, green!, blue!, grey!]);
    const bytes = await stored
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation })
      .toBuffer();
    const { rgb, photo } = await decodeImage(bytes, input);
    const places = [0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => colourAt(rgb, x, y)));
    const colours: Record<string, Colour | undefined> = { R: red, G: green, B: blue, X: grey };
    for (const [index, found] of places.entries()) expectColour(found, colours[seen[index]!], 8);
    expect(photo).toEqual(orientation > 4 ? { width: 200, height: 300 } : { width: 300, height: 200 });
  });

  test('as its centre square', async () => {
    const wide = await quadrants(400, 100, [red!, green!, red!, green!]);
    const { rgb } = await decodeImage(await wide.png().toBuffer(), input);
    expectColour(colourAt(rgb, 0.45, 0.5), red, 3);
    expectColour(colourAt(rgb, 0.55, 0.5), green, 3);
  });

  test.each([
    ['JPEG', () => solid(600, 450, skin).jpeg(), skin, 3],
    ['progressive JPEG', () => solid(600, 450, skin).jpeg({ progressive: true }), skin, 3],
    ['grey JPEG', () => solid(600, 450, [115, 115, 115]).toColourspace('b-w').jpeg(), [115, 115, 115], 3],
    ['CMYK JPEG', () => solid(600, 450, skin).toColourspace('cmyk').jpeg(), skin, 25],
    [
      'CMYK JPEG with its profile',
      () => solid(600, 450, skin).toColourspace('cmyk').withIccProfile('cmyk').jpeg(),
      skin,
      25,
    ],
    ['PNG', () => solid(600, 450, skin).png(), skin, 1],
    ['palette PNG', () => solid(600, 450, skin).png({ palette: true }), skin, 3],
    ['16-bit PNG', () => solid(600, 450, skin).toColourspace('rgb16').png(), skin, 3],
    ['16-bit grey PNG', () => solid(600, 450, [115, 115, 115]).toColourspace('grey16').png(), [115, 115, 115], 3],
    ['WebP', () => solid(600, 450, skin).webp(), skin, 4],
  ] as const)('in 8-bit sRGB of three channels from a %s', async (_, make, colour, tolerance) => {
    const { rgb } = await decodeImage(await make().toBuffer(), input);
    expect(rgb).toHaveLength(160 * 160 * 3);
    expectColour(colourAt(rgb, 0.5, 0.5), colour, tolerance);
  });

  test('in sRGB from a wide-gamut JPEG, by its ICC profile', async () => {
    const displayP3 = await solid(600, 450, skin).withIccProfile('p3').jpeg({ quality: 100 }).toBuffer();
    const stored = await sharp(displayP3).metadata();
    expect(stored.icc).toBeDefined();
    const { rgb } = await decodeImage(displayP3, input);
    expectColour(colourAt(rgb, 0.5, 0.5), skin, 3);
  });

  test('the same with a ZIP archive behind it: the decoder never reads that far', async () => {
    const polyglot = Buffer.concat([photo, Buffer.from('PK\x03\x04'), Buffer.alloc(5000, 1)]);
    expect(await decodeImage(polyglot, input)).toEqual(await decodeImage(photo, input));
  });

  test('though its camera wrote a header that gives a harmless warning', async () => {
    const sloppy = Buffer.from(photo);
    const scan = photo.indexOf(Buffer.from([0xff, 0xda]));
    // The end of the spectral selection, which a sequential JPEG does not use.
    sloppy[scan + 2 + photo.readUInt16BE(scan + 2) - 2] = 0;
    const strict = sharp(sloppy, { failOn: 'warning' }).raw().toBuffer();
    await expect(strict.then(() => 'decoded')).rejects.toThrow(/Invalid SOS parameters/);
    expect(await decodeImage(sloppy, input)).toEqual(await decodeImage(photo, input));
  });

  test.each([
    [1, 1],
    [10_000, 1],
    [1, 10_000],
  ])('of %i × %i pixels too', async (width, height) => {
    const { rgb } = await decodeImage(await solid(width, height, skin).png().toBuffer(), input);
    expectColour(colourAt(rgb, 0.5, 0.5), skin, 2);
  });
});

describe('a damaged photo is UnreadableImage', async () => {
  const kinds = [
    ['JPEG', photo],
    ['PNG', await sharp(photo).png().toBuffer()],
    ['WebP', await sharp(photo).webp().toBuffer()],
  ] as const;

  test.each(kinds.flatMap(([kind, bytes]) => [0.02, 0.5, 0.99].map((share) => ({ kind, bytes, share }))))(
    '$kind of which $share arrived',
    async ({ bytes, share }) => {
      const { type, message } = await refusal(bytes.subarray(0, Math.floor(bytes.length * share)));
      expect(type).toBe('UnreadableImage');
      expect(message).toMatch(/Take or export it again/);
    },
  );

  test('a JPEG with bytes overwritten in the middle, which libjpeg would show with a warning', async () => {
    const bytes = spoilt(photo, Math.floor(photo.length / 2), 200);
    expect(await sharp(bytes, { failOn: 'error' }).raw().toBuffer()).toHaveLength(600 * 450 * 3);
    expect((await refusal(bytes)).type).toBe('UnreadableImage');
  });

  test('a PNG with bytes overwritten in the middle', async () => {
    const [, [, bytes]] = kinds;
    expect((await refusal(spoilt(bytes, Math.floor(bytes.length / 2), 20))).type).toBe('UnreadableImage');
  });

  test('a start of a JPEG with noise behind it', async () => {
    expect((await refusal(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8]))).type).toBe('UnreadableImage');
  });

  test('a PNG that claims 49 megapixels and holds none', async () => {
    expect((await refusal(png(7000, 7000))).type).toBe('UnreadableImage');
  });
});

describe('what is no still photo is UnsupportedImage, and told what it is', async () => {
  const frames = [await solid(64, 64, red!).png().toBuffer(), await solid(64, 64, blue!).png().toBuffer()];
  const animation = () => sharp(frames, { join: { animated: true } });
  const still = await solid(64, 64, red!).png().toBuffer();
  const header = 33;
  const animatedPng = Buffer.concat([
    still.subarray(0, header),
    pngChunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])),
    still.subarray(header),
  ]);

  test.each([
    ['an animated WebP', await animation().webp().toBuffer(), /animation/],
    ['an animated PNG', animatedPng, /animation/],
    ['a GIF', await animation().gif().toBuffer(), /a GIF/],
    ['a TIFF', await solid(64, 64, red!).tiff().toBuffer(), /a TIFF/],
    ['an SVG', Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'), /an SVG or another text/],
    ['a PDF', Buffer.from('%PDF-1.7\n'), /a PDF/],
    ['a HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), /a HEIC/],
    ['an AVIF', await solid(64, 64, red!).avif().toBuffer(), /an AVIF/],
    ['a video', Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isomavc1', 'latin1'), /a video/],
    ['a BMP', Buffer.from('BM\0\0\0\0', 'latin1'), /a BMP/],
    ['a text', Buffer.from('Dear doctor, please find enclosed'), /not a photo that can be read/],
    ['nothing', Buffer.alloc(0), /empty/],
  ])('%s', async (_, bytes, message) => {
    const found = await refusal(bytes);
    expect(found.type).toBe('UnsupportedImage');
    expect(found.message).toMatch(message);
    expect(found.message).toMatch(/Send a/);
  });
});

describe('a photo of more pixels than are taken is ImageTooLarge', () => {
  test('though its file be small: a PNG of 30,000 × 30,000, from its header alone', async () => {
    const before = process.resourceUsage().maxRSS;
    const { type, message } = await refusal(png(30_000, 30_000, { bitDepth: 1 }));
    expect(type).toBe('ImageTooLarge');
    expect(message).toBe(
      'The photo has 30000 × 30000 pixels; of a PNG like this at most 200 megapixels are taken. Send a smaller one.',
    );
    const grownMegabytes = (process.resourceUsage().maxRSS - before) / 1024;
    expect(grownMegabytes).toBeLessThan(50);
  });

  test('or only claims to have them: a JPEG of 65,000 × 65,000 with the data of a small one', async () => {
    expect((await refusal(jpegClaiming(photo, 65_000, 65_000))).type).toBe('ImageTooLarge');
  });
});

test('many photos at once, whole and broken, each end as they would alone', async () => {
  const broken = photo.subarray(0, 9000);
  const all = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => decodeImage(i % 3 === 0 ? broken : photo, input)),
  );
  expect(all.map((one) => one.status)).toEqual(
    Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 'rejected' : 'fulfilled')),
  );
});

describe('a decoder that cannot be loaded', () => {
  afterEach(() => {
    vi.doUnmock('sharp');
    vi.resetModules();
  });

  test('is no fault of the photo', async () => {
    vi.resetModules();
    vi.doMock('sharp', () => {
      throw new Error('no libvips');
    });
    const fresh = await import('./imageDecoder.ts');
    const error: unknown = await fresh.decodeImage(photo, input).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toHaveProperty('type');
  });
});
