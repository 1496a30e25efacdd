import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../imageDecoder.ts';
import { spoilt } from '../testing/pictures.ts';

const input = { width: 160, height: 160 };
const sample = sharp(readFileSync(new URL('../../samples/synthetic-lesion.jpg', import.meta.url)));
const plain = await sample.clone().jpeg().toBuffer();
const grey = await sample.clone().toColourspace('b-w').jpeg().toBuffer();
const progressive = await sample.clone().jpeg({ progressive: true }).toBuffer();

const segment = (marker: number, content: Buffer) => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
};

/** What the cameras of Pixel and Samsung write: the picture, and behind it another of how much brighter each part is. */
async function withGainMap(primary: Buffer): Promise<Buffer> {
  const words = (version: string, more: string) =>
    `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="${version}"${more}</rdf:RDF></x:xmpmeta>`;
  const map = await sample.clone().resize(75).toColourspace('b-w').jpeg().toBuffer();
  const range = ' hdrgm:GainMapMax="2.5" hdrgm:HDRCapacityMax="2.5"/>';
  const behind = Buffer.concat([map.subarray(0, 2), segment(0xe1, Buffer.from(words('1.0', range))), map.subarray(2)]);
  const items = `<Container:Directory xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/"><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="${behind.length}"/></rdf:li></rdf:Seq></Container:Directory>`;
  const told = segment(0xe1, Buffer.from(words('1.0', `>${items}</rdf:Description>`)));
  return Buffer.concat([primary.subarray(0, 2), told, primary.subarray(2), behind]);
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
    expect(await sharp(whole, { failOn: 'warning' }).raw().toBuffer()).toBeDefined();
    await expect(decodeImage(whole, input)).rejects.toMatchObject({ type: 'UnreadableImage' });
    await expect(decodeImage(damaged, input)).rejects.toMatchObject({ type: 'UnreadableImage' });
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
