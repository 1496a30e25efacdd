import type { Sharp } from 'sharp';
import {
  type Colour,
  colourChunks,
  flatJpeg,
  flatProgressiveJpeg,
  jpegClaiming,
  jpegOfScans,
  png,
  pngOfSamples,
  solid,
  webpClaiming,
} from '../../adapters/testing/pictures.ts';
import { samplePhoto } from '../support/cloud.ts';
import {
  animatedPng,
  animatedPngOfOneFrame,
  animation,
  billionLaughs,
  cut,
  dicom,
  heic,
  heldAs,
  html,
  inflating,
  ofTwelveBits,
  onItsSide,
  orientations,
  photo,
  pngOf,
  rows,
  sample,
  svg,
  tiffOfTwoPages,
  withChunk,
  withComment,
  withIccSegment,
  withTemMarkers,
  zip,
} from './files.ts';

type Bytes = Uint8Array | Promise<Uint8Array>;

/** A plain file with the same pixels, and by how many levels of 255 at most those that reach the model may differ. */
export interface Twin {
  of(): Bytes;
  levels: number;
  /** Of the photo, upright. */
  width: number;
  height: number;
}

/** A file, and what its sender is to be told of it; of a fair photo its twin. */
export type Case = { make(): Bytes } & ({ twin: Twin } | { code: string; says: RegExp });

const sendAnother = /Send a JPEG, PNG or WebP photo/;
const exportAgain = /damaged or was not uploaded whole\. Take or export it again/;
const single = /Send a single photo/;
const smaller = /at most \d+ megapixels are taken\. Send a smaller one/;

const unsupported = (make: () => Bytes, says = sendAnother): Case => ({ make, code: 'UnsupportedImage', says });
const unreadable = (make: () => Bytes): Case => ({ make, code: 'UnreadableImage', says: exportAgain });
const tooLarge = (make: () => Bytes, says = smaller): Case => ({ make, code: 'ImageTooLarge', says });

/** A photo that is the sample, bit for bit unless levels are given: what encoding it once more costs. */
const asSample = (make: () => Bytes, levels = 0): Case => ({
  make,
  twin: { of: () => samplePhoto, levels, width: 600, height: 450 },
});
/** A photo that is a PNG made of the sample, as a decoder that has nothing to shrink reads it. */
const asPng = (make: () => Bytes, levels = 0, change = (picture: Sharp) => picture): Case => ({
  make,
  twin: { of: () => change(photo()).png().toBuffer(), levels, width: 600, height: 450 },
});
/** A photo of one colour. */
const asColour = (make: () => Bytes, colour: Colour, width: number, height = width): Case => ({
  make,
  twin: { of: () => solid(64, 64, colour).png().toBuffer(), levels: 1, width, height },
});

const held = Object.keys(orientations).map((tag) => [
  `a photo with EXIF orientation ${tag}`,
  asSample(() => heldAs(Number(tag)), 6),
]);

const [skin, grey]: Colour[] = [
  [180, 90, 60],
  [128, 128, 128],
] as const;
/** Just under 50 megapixels. */
const side = 7071;
const huge = () => solid(side, side, skin!);

export const cases: Record<string, Case> = {
  'a JPEG': asSample(() => samplePhoto),
  'a progressive JPEG': asSample(() => photo().jpeg({ progressive: true, quality: 95 }).toBuffer(), 8),
  'a progressive JPEG of a hundred scans': asColour(() => jpegOfScans(64, 64, 99), [180, 150, 130], 64),
  'a JPEG with a film behind it': asSample(() => Buffer.concat([sample, ...Array(300).fill(sample)])),
  'a JPEG that lacks only its end': asSample(() => sample.subarray(0, -2)),
  'a PNG': asPng(() => photo().png().toBuffer()),
  'an interlaced PNG': asPng(() => photo().png({ progressive: true }).toBuffer()),
  'an animated PNG of one frame': asPng(animatedPngOfOneFrame),
  'a WebP': asPng(() => photo().webp({ quality: 95 }).toBuffer(), 6),
  'a lossless WebP': asPng(() => photo().webp({ lossless: true }).toBuffer()),
  'a CMYK JPEG': asPng(() => photo().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(), 40),
  'a PNG of 16 bit': asPng(() => photo().toColourspace('rgb16').png().toBuffer()),
  'a grey JPEG': asPng(
    () => photo().toColourspace('b-w').jpeg({ quality: 95 }).toBuffer(),
    8,
    (picture) => picture.toColourspace('b-w'),
  ),
  'a grey PNG of 16 bit': asPng(
    () => photo().toColourspace('grey16').png().toBuffer(),
    1,
    (picture) => picture.toColourspace('b-w'),
  ),
  'a PNG with alpha': asPng(
    () => photo().ensureAlpha(0.5).png().toBuffer(),
    2,
    (picture) => picture.linear(0.5, 64),
  ),
  'a WebP with alpha': asPng(
    () => photo().ensureAlpha(0.5).webp({ lossless: true }).toBuffer(),
    2,
    (picture) => picture.linear(0.5, 64),
  ),
  'a palette PNG': asPng(() => photo().png({ palette: true }).toBuffer(), 8),
  'a JPEG with a wide-gamut ICC profile': asPng(() => photo().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer(), 8),
  'a JPEG with an ICC profile that is none': asSample(() => withIccSegment(Buffer.from('no profile'))),
  ...Object.fromEntries(held),
  'a JPEG with a ZIP behind it': asSample(() => Buffer.concat([sample, zip])),
  'a JPEG with HTML behind it': asSample(() => Buffer.concat([sample, Buffer.from(html)])),
  'a JPEG with HTML in its comment': asSample(() => withComment(html)),
  'a photo of one pixel': asColour(() => solid(1, 1, skin!).png().toBuffer(), skin!, 1),
  'a photo of one row': asColour(() => solid(5000, 1, skin!).png().toBuffer(), skin!, 5000, 1),
  'a JPEG of 50 megapixels, as the best phones take': asColour(() => flatJpeg(8192, 6144), grey!, 8192, 6144),
  'a JPEG of 200 megapixels': asColour(() => flatJpeg(16_000, 12_500), grey!, 16_000, 12_500),
  'a JPEG of 50 megapixels, progressive and on its side': asColour(
    async () => onItsSide(flatProgressiveJpeg(8192, 6144)),
    grey!,
    6144,
    8192,
  ),
  'a PNG of 50 megapixels, interlaced': asColour(
    () => huge().png({ progressive: true, compressionLevel: 1 }).toBuffer(),
    skin!,
    side,
  ),
  'a WebP of 50 megapixels': asColour(() => huge().webp({ effort: 0, lossless: true }).toBuffer(), skin!, side),
  'a PNG with a comment that inflates a thousand times': asPng(() => withChunk(inflating('zTXt', 'Comment\0\0'))),
  'a PNG with an ICC profile that inflates a thousand times': asPng(() => withChunk(inflating('iCCP', 'icc\0\0'))),

  'an animated GIF': unsupported(async () => (await animation()).gif().toBuffer()),
  'an animated WebP': unsupported(async () => (await animation()).webp().toBuffer(), single),
  'an animated PNG': unsupported(animatedPng, single),
  // A few pixels each, and one scan more than is taken: what would hold a decoder for long is the same at full size.
  'a JPEG of more scans than are taken': unsupported(() => jpegOfScans(64, 64, 101), /scans\. Export it/),
  'the same with a marker without length before each scan': unsupported(
    async () => withTemMarkers(await jpegOfScans(64, 64, 101)),
    /holds data where none belong/,
  ),
  'a JPEG of more scans than are taken of a picture of that size': unsupported(
    async () => jpegClaiming(await jpegOfScans(64, 64, 13), 7000, 7000),
    /scans\. Export it/,
  ),
  'a TIFF of two pages': unsupported(tiffOfTwoPages),
  'what looks like a HEIC': unsupported(() => heic, /^This is a HEIC picture\..*Settings › Camera › Formats/),
  'what looks like a DICOM file': unsupported(() => dicom, /^This is a DICOM file\./),
  'what looks like a RAW file': unsupported(() => Buffer.from('II*\0\x10\0\0\0CR\x02\0'), /^This is a RAW file/),
  'what looks like a JPEG XL': unsupported(() => Buffer.from([0xff, 0x0a, 0, 0]), /^This is a JPEG XL picture\./),
  'a JPEG of 12 bits': unsupported(ofTwelveBits, /^This is a JPEG with 12 bits per colour\./),
  'an HDR picture': unsupported(
    () => pngOfSamples([180, 90, 60], [colourChunks.cicp(9, 16)]),
    /^This is an HDR picture .*Export it as SDR/,
  ),
  'an SVG': unsupported(() => Buffer.from(svg)),
  'an SVG that expands itself': unsupported(() => Buffer.from(billionLaughs)),
  'a PDF': unsupported(() => Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj')),
  'an HTML page with a JPEG behind it': unsupported(() => Buffer.concat([Buffer.from(html), sample])),
  'a ZIP with a JPEG behind it': unsupported(() => Buffer.concat([zip, sample])),
  'one byte': unsupported(() => new Uint8Array([0xff])),
  'the first two bytes of a JPEG': unsupported(() => new Uint8Array([0xff, 0xd8])),
  'a JPEG with a line end before it': unsupported(() => Buffer.concat([Buffer.from('\n'), sample])),

  'a JPEG cut off in its header': unreadable(() => sample.subarray(0, 200)),
  'a JPEG cut off in the middle': unreadable(() => sample.subarray(0, sample.length / 2)),
  'a PNG cut off in the middle': unreadable(() => cut(photo().png().toBuffer(), 0.5)),
  'a PNG that is its signature alone': unreadable(() => Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
  'a WebP cut off in the middle': unreadable(() => cut(photo().webp().toBuffer(), 0.5)),
  'a JPEG start with noise behind it': unreadable(() =>
    Buffer.concat([sample.subarray(0, 3), Buffer.alloc(5000, 0x41)]),
  ),
  'a JPEG that claims to be ten times as high': unreadable(() => jpegClaiming(sample, 600, 4500)),
  'a PNG that claims to be larger than it is': unreadable(() => pngOf(4000, 4000, rows(40, 40))),
  'a PNG of no pixels': unreadable(() => pngOf(0, 0, rows(1, 1))),

  'a PNG of 30,000 × 30,000': tooLarge(() => png(30_000, 30_000, { bitDepth: 1 })),
  'a JPEG that claims 65,000 × 65,000': tooLarge(() => jpegClaiming(sample, 65_000, 65_000)),
  'a WebP of 16,383 × 16,383': tooLarge(() =>
    photo()
      .webp()
      .toBuffer()
      .then((webp) => webpClaiming(webp, 16_383, 16_383)),
  ),
  'a PNG that claims 2,000,000 × 30': tooLarge(
    () => pngOf(2_000_000, 30, rows(40, 40)),
    /no side may have more than 65535/,
  ),
};
