import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../imageDecoder.ts';
import { colourChunks, exifOrientation, png, pngChunk, pngOfSamples, quadrants, solid } from '../testing/pictures.ts';
import { srgb } from './colourSpaces.ts';
import { greyProfile, rgbProfile } from './iccProfile.ts';

const input = { width: 32, height: 32 };
const { cicp, gamma, corners, profile } = colourChunks;
const skin = [180, 90, 60];

/** sRGB 180 90 60 in other colour spaces, computed by hand from the standards' matrices. */
const displayP3 = [168, 95, 67];
const rec2020 = [154, 99, 67];
const rec2020in16 = [39_513, 25_568, 17_345];
const linearLight = [29_911, 6700, 2961];

async function colourOf(bytes: Uint8Array): Promise<number[]> {
  const { rgb } = await decodeImage(bytes, input);
  return [...rgb.subarray(0, 3)];
}

function expectNear(found: readonly number[], wanted: readonly number[], tolerance: number) {
  const off = found.map((value, index) => Math.abs(value - wanted[index]!));
  expect(Math.max(...off), `${found} for ${wanted}`).toBeLessThanOrEqual(tolerance);
}

describe('a PNG comes out in sRGB', () => {
  test.each([
    ['that says nothing', skin, [], 8],
    ['that says sRGB by numbers', skin, [cicp(1, 13)], 8],
    ['that says Display P3 by numbers', displayP3, [cicp(12, 13)], 8],
    [
      'that says Display P3 by its corners',
      displayP3,
      [gamma(1 / 2.2), corners(0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)],
      8,
    ],
    ['that says Rec. 2020 by numbers', rec2020, [cicp(9, 13)], 8],
    ['of 16 bits that says Rec. 2020 by numbers', rec2020in16, [cicp(9, 13)], 16],
    ['of 16 bits that says linear light by its exponent', linearLight, [gamma(1)], 16],
    ['of 16 bits that says linear light by its profile', linearLight, [profile(rgbProfile(srgb, 1))], 16],
    ['whose numbers overrule its profile', skin, [cicp(1, 13), profile(rgbProfile(srgb, 1))], 8],
    ['whose profile overrules its exponent', linearLight, [profile(rgbProfile(srgb, 1)), gamma(0.3)], 16],
    ['that says the usual exponent, which means sRGB', skin, [gamma(0.45455)], 8],
    [
      'that says sRGB, and corners that a careless program wrote',
      skin,
      [pngChunk('sRGB', Buffer.alloc(1)), gamma(1)],
      8,
    ],
  ] as const)('%s', async (_, samples, before, bitDepth) => {
    expectNear(await colourOf(pngOfSamples(samples, [...before], bitDepth)), skin, 2);
  });

  test.each([
    ['by its profile', 8, profile(greyProfile(1))],
    ['by its profile, of 16 bits', 16, profile(greyProfile(1))],
    ['by its exponent', 8, gamma(1)],
    ['by numbers, of 16 bits', 16, cicp(1, 8)],
  ] as const)('from grey of linear light %s', async (_, bitDepth, told) => {
    const half = bitDepth === 8 ? 55 : 55 * 257;
    expectNear(await colourOf(pngOfSamples([half], [told], bitDepth)), [128, 128, 128], 1);
  });

  test('bit for bit alike from 8 and 16 bits of the same values, with the same profile', async () => {
    const told = [profile(rgbProfile(srgb, 1.8))];
    const [eight, sixteen] = [
      pngOfSamples(skin, told),
      pngOfSamples(
        skin.map((value) => value * 257),
        told,
        16,
      ),
    ];
    expect(await colourOf(sixteen)).toEqual(await colourOf(eight));
  });
});

describe('a PNG is refused', () => {
  test.each([
    ['PQ', [cicp(9, 16)], /HDR picture/],
    ['HLG', [cicp(9, 18)], /HDR picture/],
    ['HDR by its profile', [profile(hdrByName())], /HDR picture/],
    ['HDR by the name of its profile', [profile(rgbProfile(srgb, 2.2), 'ITUR_2100_PQ_FULL')], /HDR picture/],
    ['numbers that stand for nothing known', [cicp(9, 2)], /colours in a way that is not read/],
    ['a narrow range', [cicp(1, 13, 0)], /colours in a way that is not read/],
  ])('that says %s, with the reason', async (_, before, says) => {
    const refused = decodeImage(pngOfSamples(skin, before), input);
    await expect(refused).rejects.toMatchObject({ type: 'UnsupportedImage', message: expect.stringMatching(says) });
  });

  test('whose word on its colours is spoilt', async () => {
    const told = cicp(12, 13);
    told[9] = 1;
    const refused = decodeImage(pngOfSamples(displayP3, [told]), input);
    await expect(refused).rejects.toMatchObject({ type: 'UnreadableImage' });
  });
});

describe('an orientation in eXIf', async () => {
  const [red, green, blue, grey] = [
    [200, 30, 30],
    [30, 180, 40],
    [30, 40, 200],
    [120, 120, 120],
  ] as const;
  const stored = await (await quadrants(64, 48, [red, green, blue, grey])).png().toBuffer();
  const turned = await sharp(stored).rotate(90).png().toBuffer();
  const chunk = pngChunk('eXIf', exifOrientation(6));

  test.each([
    ['before the pixels', 33],
    ['behind the pixels', stored.length - 12],
  ])('counts %s', async (_, at) => {
    const bytes = Buffer.concat([stored.subarray(0, at), chunk, stored.subarray(at)]);
    const { rgb, photo } = await decodeImage(bytes, input);
    expect(photo).toEqual({ width: 48, height: 64 });
    expectNear([...rgb], [...(await decodeImage(turned, input)).rgb], 8);
  });
});

describe('an animated PNG', async () => {
  const still = await solid(64, 64, [200, 30, 30]).png().toBuffer();
  const head = still.subarray(0, 33);
  const frames = (count: number) => pngChunk('acTL', Buffer.from([0, 0, 0, count, 0, 0, 0, 0]));
  const frame = pngChunk('fcTL', Buffer.alloc(26));

  test('of one frame is a still', async () => {
    const one = Buffer.concat([head, frames(1), frame, still.subarray(33)]);
    expect(await decodeImage(one, input)).toEqual(await decodeImage(still, input));
  });

  test.each([
    ['of two frames', [frames(2), frame]],
    ['of one frame that is another picture than the one shown without it', [frames(1)]],
  ])('%s is UnsupportedImage', async (_, chunks) => {
    const refused = decodeImage(Buffer.concat([head, ...chunks, still.subarray(33)]), input);
    await expect(refused).rejects.toMatchObject({
      type: 'UnsupportedImage',
      message: expect.stringMatching(/animation/),
    });
  });
});

test('a PNG without a header is UnreadableImage', async () => {
  const whole = png(64, 48);
  const headless = Buffer.concat([whole.subarray(0, 8), whole.subarray(33)]);
  await expect(decodeImage(headless, input)).rejects.toMatchObject({ type: 'UnreadableImage' });
});

/** A profile like any other, but for the name that HDR pictures give it. */
function hdrByName(): Buffer {
  const icc = rgbProfile(srgb, 2.2);
  const name = Buffer.from('by a program', 'utf16le').swap16();
  Buffer.from('Rec2100 PQ  ', 'utf16le').swap16().copy(icc, icc.indexOf(name));
  return icc;
}
