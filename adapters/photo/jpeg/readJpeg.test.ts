import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../imageDecoder.ts';
import { spoilt } from '../../testing/pictures.ts';

const input = { width: 160, height: 160 };
const sample = sharp(readFileSync(new URL('../../../samples/synthetic-lesion.jpg', import.meta.url)));
const plain = await sample.clone().jpeg().toBuffer();
const grey = await sample.clone().toColourspace('b-w').jpeg().toBuffer();
const progressive = await sample.clone().jpeg({ progressive: true }).toBuffer();

const segment = (marker: number, content: Buffer) => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
};

const described = (attributes: string, content = '') =>
  `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" ${attributes}>${content}</rdf:Description></rdf:RDF></x:xmpmeta>`;
const range = { GainMapMin: 0, GainMapMax: 2.5, Gamma: 1, OffsetSDR: 0.015, OffsetHDR: 0.015 };
const capacity = { HDRCapacityMin: 0, HDRCapacityMax: 2.5, BaseRenditionIsHDR: 'False' };
const google = 'http://ns.google.com/photos/1.0/container';

/** A JPEG with a segment behind its first two bytes. */
const withSegment = (jpeg: Buffer, marker: number, text: string) =>
  Buffer.concat([jpeg.subarray(0, 2), segment(marker, Buffer.from(text, 'latin1')), jpeg.subarray(2)]);

/** What the cameras of Pixel and Samsung write: the picture, and behind it another of how much brighter each part is. */
async function withGainMap(primary: Buffer): Promise<Buffer> {
  const attributes = Object.entries({ ...range, ...capacity }).map(([name, value]) => `hdrgm:${name}="${value}"`);
  const picture = await sample.clone().resize(75).toColourspace('b-w').jpeg().toBuffer();
  const map = withSegment(picture, 0xe1, described(attributes.join(' ')));
  const item = (semantic: string, more = '') =>
    `<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="${semantic}" Item:Mime="image/jpeg"${more}/></rdf:li>`;
  const items = `${item('Primary')}${item('GainMap', ` Item:Length="${map.length}"`)}`;
  const directory = `<Container:Directory><rdf:Seq>${items}</rdf:Seq></Container:Directory>`;
  const spaces = `xmlns:Container="${google}/" xmlns:Item="${google}/item/"`;
  const told = withSegment(primary, 0xe1, described(spaces, directory));
  return Buffer.concat([withSegment(told, 0xe2, pictureIndex(told.length, map.length)), map]);
}

/** Multi-Picture Format (CIPA DC-007): two pictures, how long each is, and where the second begins behind this index. */
function pictureIndex(first: number, second: number): string {
  const index = Buffer.from(
    'MPF\0MM\0*\0\0\0\x08\0\x03\xb0\0\0\x07\0\0\0\x040100\xb0\x01\0\x04\0\0\0\x01\0\0\0\x02\xb0\x02\0\x07\0\0\0\x20\0\0\0\x32',
    'latin1',
  );
  const entries = Buffer.alloc(4 + 32);
  entries.writeUInt32BE(0x00030000, 4);
  const whole = first + 4 + index.length + entries.length;
  entries.writeUInt32BE(whole, 8);
  entries.writeUInt32BE(second, 24);
  // Counted from "MM", which stands behind the JPEG's first two bytes, the segment's head and the name of four.
  entries.writeUInt32BE(whole - 2 - 4 - 4, 28);
  return Buffer.concat([index, entries]).toString('latin1');
}

describe('a JPEG with a gain map', () => {
  test.each([
    ['in colour', plain],
    ['in grey', grey],
    ['drawn in several scans', progressive],
  ])('is its plain picture %s', async (_, primary) => {
    const whole = await withGainMap(primary);
    expect((await sharp(whole).metadata()).gainMap).toBeDefined();
    expect(await decodeImage(whole, input)).toEqual(await decodeImage(primary, input));
  });

  test('is refused for what a plain one is refused for', async () => {
    const damaged = spoilt(plain, Math.floor(plain.length / 2), 200);
    const whole = await withGainMap(damaged);
    expect((await sharp(whole).metadata()).gainMap).toBeDefined();
    await expect(decodeImage(whole, input)).rejects.toMatchObject({ type: 'UnreadableImage' });
    await expect(decodeImage(damaged, input)).rejects.toMatchObject({ type: 'UnreadableImage' });
  });
});

describe('the Adobe RGB of a camera, told by EXIF alone', () => {
  /** EXIF as cameras write it: a directory that leads to another, that leads to another, that says "R03". */
  const exif = (index: string) =>
    Buffer.concat([
      Buffer.from('Exif\0\0II*\0\x08\0\0\0', 'latin1'),
      Buffer.from('01006987040001000000' + '1a000000' + '00000000', 'hex'),
      Buffer.from('010005a0040001000000' + '2c000000' + '00000000', 'hex'),
      Buffer.from('0100010002000400000000000000' + '00000000', 'hex'),
    ]).fill(index, 6 + 0x2c + 2 + 8, 6 + 0x2c + 2 + 11, 'latin1');
  /** sRGB 180 90 60 in Adobe RGB (1998), computed by hand from the standards' matrices. */
  const stored = sharp({ create: { width: 64, height: 48, channels: 3, background: { r: 159, g: 90, b: 64 } } });
  const colourOf = async (bytes: Buffer) => [...(await decodeImage(bytes, input)).rgb.subarray(0, 3)];

  test.each([
    ['counts', 'R03', [180, 90, 60]],
    ['does not count where it says sRGB', 'R98', [159, 90, 64]],
  ])('%s', async (_, index, wanted) => {
    const jpeg = await stored.clone().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
    const found = await colourOf(withSegment(jpeg, 0xe1, exif(index).toString('latin1')));
    for (const [channel, value] of found.entries()) expect(Math.abs(value - wanted[channel]!)).toBeLessThanOrEqual(3);
  });

  test('gives way to a profile', async () => {
    const profiled = await stored.clone().withIccProfile('srgb').jpeg({ quality: 100 }).toBuffer();
    expect(await colourOf(withSegment(profiled, 0xe1, exif('R03').toString('latin1')))).toEqual(
      await colourOf(profiled),
    );
  });
});

describe('a JPEG that lacks its end', () => {
  test.each([
    ['both bytes', plain, 2],
    ['one byte', plain, 1],
    ['both bytes, drawn in several scans', progressive, 2],
  ])('is whole without %s', async (_, bytes, missing) => {
    expect(await decodeImage(bytes.subarray(0, -missing), input)).toEqual(await decodeImage(bytes, input));
  });

  test('and its last scan with it is UnreadableImage', async () => {
    const lastScan = progressive.lastIndexOf(Buffer.from([0xff, 0xda]));
    const tables = progressive.lastIndexOf(Buffer.from([0xff, 0xc4]), lastScan);
    const cut = progressive.subarray(0, tables);
    expect(
      await sharp(Buffer.concat([cut, Buffer.from([0xff, 0xd9])]))
        .raw()
        .toBuffer(),
    ).toBeDefined();
    await expect(decodeImage(cut, input)).rejects.toMatchObject({ type: 'UnreadableImage' });
  });
});

describe('a JPEG whose header is cut or wrong is UnreadableImage', () => {
  const frame = plain.indexOf(Buffer.from([0xff, 0xc0]));

  test.each([
    ['without a frame', Buffer.concat([plain.subarray(0, frame), plain.subarray(frame + 19)])],
    ['cut in its frame', plain.subarray(0, frame + 12)],
    [
      'with a segment that ends before it begins',
      Buffer.concat([plain.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 1]), plain.subarray(2)]),
    ],
  ])('%s', async (_, bytes) => {
    await expect(decodeImage(bytes, input)).rejects.toMatchObject({ type: 'UnreadableImage' });
  });
});
