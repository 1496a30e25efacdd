import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { decodeImage } from '../imageDecoder.ts';
import { solid } from '../testing/pictures.ts';
import { srgb } from './colourSpaces.ts';
import { greyProfile, rgbProfile } from './iccProfile.ts';

const input = { width: 32, height: 32 };

/** The same picture with a profile put in as each container has it. */
function withIcc(bytes: Buffer, icc: Buffer): Buffer {
  if (bytes[0] === 0xff) {
    const content = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), icc]);
    const head = Buffer.from([0xff, 0xe2, (content.length + 2) >> 8, (content.length + 2) & 255]);
    return Buffer.concat([bytes.subarray(0, 2), head, content, bytes.subarray(2)]);
  }
  const [size, extended, length] = [
    Buffer.alloc(4),
    Buffer.from('VP8X\x0a\0\0\0\x20\0\0\0\x3f\0\0\x2f\0\0', 'latin1'),
    Buffer.alloc(4),
  ];
  length.writeUInt32LE(icc.length);
  const body = Buffer.concat([Buffer.from('WEBP'), extended, Buffer.from('ICCP'), length, icc, bytes.subarray(12)]);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from('RIFF'), size, body]);
}

async function colourOf(bytes: Buffer): Promise<number[]> {
  return [...(await decodeImage(bytes, input)).rgb.subarray(0, 3)];
}

/** Light that is not curved at all: read as sRGB it would be far too dark. */
test.each([
  ['JPEG', (picture: Sharp) => picture.jpeg({ quality: 100, chromaSubsampling: '4:4:4' })],
  ['lossless WebP', (picture: Sharp) => picture.webp({ lossless: true })],
])('a %s comes out in sRGB by its profile', async (_, save) => {
  const stored = await save(solid(64, 48, [117, 26, 12])).toBuffer();
  const found = await colourOf(withIcc(stored, rgbProfile(srgb, 1)));
  for (const [channel, wanted] of [180, 90, 60].entries()) {
    expect(Math.abs(found[channel]! - wanted)).toBeLessThanOrEqual(4);
  }
});

test('a grey JPEG comes out in sRGB by its profile', async () => {
  const stored = await solid(64, 48, [55, 55, 55]).toColourspace('b-w').jpeg({ quality: 100 }).toBuffer();
  expect(await colourOf(withIcc(stored, greyProfile(1)))).toEqual([128, 128, 128]);
});

/** The decoder's own idea of Display P3, against ours. */
test('a profile that is made here says what a profile made elsewhere says', async () => {
  const stored = await solid(64, 48, [180, 90, 60]).withIccProfile('p3').png().toBuffer();
  const device = await sharp(stored, { ignoreIcc: true }).png().toBuffer();
  const p3 = { ...srgb, red: [0.68, 0.32], green: [0.265, 0.69] } as const;
  const curve = { exponent: 2.4, offset: 0.055, slope: 12.92, from: 0.04045 };
  const jpeg = await sharp(device).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
  const found = await colourOf(withIcc(jpeg, rgbProfile(p3, curve)));
  for (const [channel, wanted] of (await colourOf(stored)).entries()) {
    expect(Math.abs(found[channel]! - wanted)).toBeLessThanOrEqual(2);
  }
});
