import { describe, expect, test } from 'vitest';
import { refusalOfType, usualType } from './formats.ts';
import { contentTypeOf, headBytes, isRecognised, refusalOf } from './recognise.ts';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const brand = (major: string, ...compatible: string[]) =>
  bytes(`\0\0\0${String.fromCharCode(16 + compatible.length * 4)}ftyp${major}\0\0\0\0${compatible.join('')}`);

/** A little-endian or big-endian TIFF whose first directory has these tags; a text stands behind it. */
function tiff(order: 'II' | 'MM', tags: readonly (readonly [tag: number, value: number | string])[]): Uint8Array {
  const start = 8 + 2 + tags.length * 12 + 4;
  const file = Buffer.alloc(start + 100);
  const write = (value: number, at: number, size: number) =>
    order === 'II' ? file.writeUIntLE(value, at, size) : file.writeUIntBE(value, at, size);
  file.write(order, 0, 'latin1');
  write(42, 2, 2);
  write(8, 4, 4);
  write(tags.length, 8, 2);
  for (const [index, [tag, value]] of tags.entries()) {
    const at = 10 + index * 12;
    write(tag, at, 2);
    write(typeof value === 'string' ? 2 : 3, at + 2, 2);
    write(typeof value === 'string' ? value.length + 1 : 1, at + 4, 4);
    write(typeof value === 'string' ? start : value, at + 8, typeof value === 'string' ? 4 : 2);
    if (typeof value === 'string') file.write(`${value}\0`, start, 'latin1');
  }
  return file;
}

const [compression, photometric, make, subDirectories, dngVersion] = [0x103, 0x106, 0x10f, 0x14a, 0xc612];

/** A frame header behind metadata, as it stands in a file. */
function jpeg(marker: number, bits: number, height = 450): Uint8Array {
  const metadata = Buffer.concat([Buffer.from([0xff, 0xe1, 0xff, 0xff]), Buffer.alloc(0xffff - 2, 0xff)]);
  const frame = [0xff, 0xff, marker, 0, 17, bits, height >> 8, height & 255, 2, 88, 3, 1, 34, 0, 2, 17, 1, 3, 17, 1];
  return Buffer.concat([Buffer.from([0xff, 0xd8]), metadata, metadata, Buffer.from(frame)]);
}

describe('what is not taken is named, with what to do', () => {
  test.each([
    ['a HEIC picture', brand('heic', 'mif1', 'heic'), /Settings › Camera › Formats › Most Compatible/],
    ['a HEIC picture', brand('mif1', 'heic'), /Settings › Camera/],
    ['a HEIC picture', brand('heix', 'mif1'), /Settings › Camera/],
    ['an AVIF picture', brand('avif', 'mif1', 'miaf'), /export it as JPEG or PNG/],
    ['an AVIF picture', brand('mif1', 'avif', 'miaf'), /export it as JPEG or PNG/],
    ['a RAW file (Canon CR3)', brand('crx ', 'isom'), /export it as JPEG in a photo program/],
    ['a RAW file (Canon CR2)', bytes('II*\0\x10\0\0\0CR\x02\0'), /have the camera write JPEG/],
    [
      'a RAW file (DNG)',
      tiff('MM', [
        [make, 'Apple'],
        [dngVersion, 1],
      ]),
      /on an iPhone switch RAW off/,
    ],
    [
      'a RAW file (Nikon NEF)',
      tiff('MM', [
        [make, 'NIKON CORPORATION'],
        [subDirectories, 2],
      ]),
      /JPEG/,
    ],
    [
      'a RAW file (Sony ARW)',
      tiff('II', [
        [make, 'SONY'],
        [subDirectories, 1],
      ]),
      /JPEG/,
    ],
    [
      'a RAW file (Pentax PEF)',
      tiff('MM', [
        [compression, 65_535],
        [make, 'PENTAX'],
      ]),
      /JPEG/,
    ],
    ['a RAW file (of a camera)', tiff('II', [[photometric, 32_803]]), /JPEG/],
    ['a RAW file (Olympus ORF)', bytes('IIRO\x08\0\0\0'), /JPEG/],
    ['a RAW file (Panasonic RW2)', bytes('IIU\0\x18\0\0\0'), /JPEG/],
    ['a RAW file (Fujifilm RAF)', bytes('FUJIFILMCCD-RAW 0201'), /JPEG/],
    [
      'a TIFF picture',
      tiff('II', [
        [compression, 1],
        [photometric, 2],
      ]),
      /export it as JPEG or PNG/,
    ],
    [
      'a TIFF picture',
      tiff('MM', [
        [make, 'NIKON CORPORATION'],
        [compression, 5],
      ]),
      /export it as JPEG or PNG/,
    ],
    ['a TIFF picture', bytes('II*\0'), /export it/],
    ['a BMP picture', bytes('BM\x36\x10\0\0\0\0\0\0\x36\0\0\0'), /export it as JPEG or PNG/],
    ['a GIF', bytes('GIF89a'), /export it as JPEG or PNG/],
    ['a JPEG XL picture', bytes('\xff\x0a\xfa\x1f'), /export it as JPEG or PNG/],
    ['a JPEG XL picture', bytes('\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl '), /export it/],
    ['a JPEG 2000 picture', bytes('\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 '), /export it/],
    ['a JPEG 2000 picture', bytes('\xff\x4f\xff\x51\0\x2f'), /export it/],
    ['a JPEG-LS picture', jpeg(0xf7, 8), /plain \(baseline\) JPEG/],
    ['a JPEG with 12 bits per colour', jpeg(0xc1, 12), /plain \(baseline\) JPEG with 8 bits/],
    ['a JPEG with 12 bits per colour', jpeg(0xc2, 12), /plain \(baseline\) JPEG/],
    ['a JPEG without loss', jpeg(0xc3, 8), /plain \(baseline\) JPEG/],
    ['a JPEG in several sizes', jpeg(0xc5, 8), /plain \(baseline\) JPEG/],
    ['a JPEG that tells its height only at its end', jpeg(0xc0, 8, 0), /plain \(baseline\) JPEG/],
    ['a DICOM file', bytes(`${'\0'.repeat(128)}DICM\x02\0`), /without the name of the person/],
    ['a PDF', bytes('%PDF-1.7\n'), /take the photo out of it/],
    ['a video', brand('isom', 'iso2', 'mp41'), /take a still photo/],
    ['a video', brand('qt  '), /take a still photo/],
    ['a video', bytes('\x1aE\xdf\xa3\x9fB\x86\x81\x01'), /take a still photo/],
    ['a video', bytes('RIFF\0\0\0\0AVI LIST'), /take a still photo/],
    ['a ZIP archive', bytes('PK\x03\x04\x14'), /unpack it/],
    ['an SVG or another text', bytes('\xef\xbb\xbf <?xml version="1.0"?><svg/>'), /no photo/],
  ])('%s', (name, head, advice) => {
    const message = refusalOf(head);
    expect(message).toContain(`This is ${name}`);
    expect(message).toContain('. Send a JPEG, PNG or WebP photo: ');
    expect(message).toMatch(advice);
    expect(contentTypeOf(head)).toBeUndefined();
    expect(isRecognised(head)).toBe(true);
    expect(head.length).toBeLessThan(headBytes);
  });

  test.each([
    ['nothing', '', /empty \(0 bytes\)/],
    ['a letter', 'Dear doctor, please find enclosed', /not a photo that can be read\. Send a JPEG/],
    ['a sound', 'RIFF\0\0\0\0WAVEfmt ', /not a photo that can be read/],
    ['half a signature', '\xff\xd8', /not a photo that can be read/],
    ['a word that begins like a BMP', 'BMW 320d, built in 1999', /not a photo that can be read/],
  ])('%s', (_, text, message) => {
    expect(refusalOf(bytes(text))).toMatch(message);
    expect(isRecognised(bytes(text))).toBe(false);
  });

  /** Whatever the first bytes claim of lengths and places, it is a name or none, and no crash. */
  test('files that end anywhere', () => {
    const all = [
      tiff('II', [[make, 'SONY']]),
      tiff('MM', [[make, 'x']]),
      jpeg(0xc0, 8).subarray(0, 200),
      brand('heic'),
    ];
    for (const head of all) {
      for (let length = 0; length < head.length; length++) {
        expect(() => refusalOf(head.subarray(0, length))).not.toThrow();
      }
    }
  });
});

test.each([
  ['image/jpeg', jpeg(0xc0, 8)],
  ['image/jpeg', jpeg(0xc2, 8)],
  ['image/jpeg', jpeg(0xc9, 8)],
  ['image/png', bytes('\x89PNG\r\n\x1a\n')],
  ['image/webp', bytes('RIFF\x01\x02\x03\x04WEBP')],
])('%s is taken', (type, head) => {
  expect(contentTypeOf(head)).toBe(type);
});

test.each([
  ['image/heic', 'a HEIC picture'],
  ['image/x-nikon-nef', 'a RAW file (Nikon NEF)'],
  ['application/dicom', 'a DICOM file'],
  ['video/quicktime', 'a video'],
  ['image/jxl', 'a JPEG XL picture'],
])('who announces %s is told the same', (type, name) => {
  expect(refusalOfType(type)).toContain(`This is ${name}. Send a JPEG, PNG or WebP photo: `);
});

test('image/jpg is understood as image/jpeg, and any other type as itself', () => {
  expect(['image/jpg', 'image/jpeg', 'image/png'].map(usualType)).toEqual(['image/jpeg', 'image/jpeg', 'image/png']);
});
