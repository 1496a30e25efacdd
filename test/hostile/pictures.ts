import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { decompressionBomb, jpegClaiming, jpegOfScans, png, pngChunk, solid } from '../../adapters/testing/pictures.ts';
import { samplePhoto } from '../support/cloud.ts';

type Bytes = Uint8Array | Promise<Uint8Array>;

/** A file, and what its sender is to be told of it: nothing but its size, where it is a fair photo. */
export type Case = { make(): Bytes } & (
  | { fair: { width: number; height: number } | 'size of the sample' }
  | { code: string; says: RegExp }
);

const sample = Buffer.from(samplePhoto);
const photo = () => sharp(sample);
const asSample = { fair: 'size of the sample' } as const;
const sendAnother = /Send a JPEG, PNG or WebP photo/;
const exportAgain = /damaged or was not uploaded whole\. Take or export it again/;
const single = /Send a single photo/;
const smaller = /at most 50 megapixels are taken\. Send a smaller one/;

const unsupported = (make: () => Bytes, says = sendAnother): Case => ({ make, code: 'UnsupportedImage', says });
const unreadable = (make: () => Bytes): Case => ({ make, code: 'UnreadableImage', says: exportAgain });
const tooLarge = (make: () => Bytes): Case => ({ make, code: 'ImageTooLarge', says: smaller });
const fair = (make: () => Bytes, size: Extract<Case, { fair: unknown }>['fair'] = asSample.fair): Case => ({
  make,
  fair: size,
});

/** What EXIF has a viewer do: turn by degrees clockwise, after mirroring left and right. */
const orientations: Record<number, { mirrored: boolean; turned: number }> = {
  1: { mirrored: false, turned: 0 },
  2: { mirrored: true, turned: 0 },
  3: { mirrored: false, turned: 180 },
  4: { mirrored: true, turned: 180 },
  5: { mirrored: true, turned: 270 },
  6: { mirrored: false, turned: 90 },
  7: { mirrored: true, turned: 90 },
  8: { mirrored: false, turned: 270 },
};

/** The sample as a camera held otherwise stores it: shown by its orientation tag it is the sample again. */
async function heldAs(orientation: number): Promise<Uint8Array> {
  const { mirrored, turned } = orientations[orientation]!;
  const turnedBack = await photo().rotate(-turned).png().toBuffer();
  const stored = sharp(turnedBack).flop(mirrored);
  return await stored.jpeg({ quality: 95 }).withMetadata({ orientation }).toBuffer();
}

const held = Object.keys(orientations).map((tag) => [
  `a photo with EXIF orientation ${tag}`,
  fair(() => heldAs(Number(tag))),
]);

const frames = async () => [
  await solid(64, 64, [200, 30, 30]).png().toBuffer(),
  await solid(64, 64, [0, 0, 200]).png().toBuffer(),
];
const animation = async () => sharp(await frames(), { join: { animated: true } });

/** A PNG of two frames: acTL announces them, fdAT holds the second. */
async function animatedPng(): Promise<Buffer> {
  const still = await solid(64, 64, [200, 30, 30]).png().toBuffer();
  const header = 8 + 25;
  const two = Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]);
  const frame = pngChunk('fdAT', Buffer.concat([Buffer.alloc(4), deflateSync(Buffer.alloc(64 * (1 + 64 * 3)))]));
  const end = still.length - 12;
  return Buffer.concat([
    still.subarray(0, header),
    pngChunk('acTL', two),
    still.subarray(header, end),
    frame,
    still.subarray(end),
  ]);
}

/** A little-endian TIFF whose directories are chained, one pixel each. */
async function tiffOfTwoPages() {
  const page = await solid(16, 16, [9, 9, 9]).tiff({ compression: 'none' }).toBuffer();
  const directory = page.readUInt32LE(4);
  const next = directory + 2 + page.readUInt16LE(directory) * 12;
  const twice = Buffer.concat([page, page.subarray(directory, next + 4)]);
  twice.writeUInt32LE(page.length, next);
  return twice;
}

const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(1000)]);
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
const billionLaughs = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${svg.replace('alert(1)', '&b;')}`;
const html = '<html><script>alert(document.domain)</script></html>';

/** A comment in a JPEG: after its first two bytes. */
function withComment(text: string) {
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, text.length + 2]), Buffer.from(text)]);
  return Buffer.concat([sample.subarray(0, 2), comment, sample.subarray(2)]);
}

const zip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(500), Buffer.from('PK\x05\x06'), Buffer.alloc(18)]);

/** A chunk that inflates to a thousand times its size. */
const inflating = (type: string, head: string, megabytes: number) =>
  pngChunk(
    type,
    Buffer.concat([Buffer.from(head, 'latin1'), deflateSync(Buffer.alloc(megabytes << 20), { level: 9 })]),
  );
async function withChunk(chunk: Buffer): Promise<Buffer> {
  const whole = await photo().png().toBuffer();
  return Buffer.concat([whole.subarray(0, 33), chunk, whole.subarray(33)]);
}

async function cut(whole: Promise<Buffer>, share: number): Promise<Buffer> {
  const bytes = await whole;
  return bytes.subarray(0, Math.floor(bytes.length * share));
}

const rows = (width: number, height: number) => deflateSync(Buffer.alloc((1 + width * 3) * height));
const pngOf = (width: number, height: number, pixels: Buffer<ArrayBuffer>) => {
  const whole = png(width, height, { pixels });
  whole[25] = 2; // colour type RGB
  return rehashed(whole);
};
const rehashed = (whole: Buffer) =>
  Buffer.concat([whole.subarray(0, 8), pngChunk('IHDR', whole.subarray(16, 29)), whole.subarray(33)]);

/** Just under 50 megapixels. */
const side = 7071;
const huge = () => solid(side, side, [180, 90, 60]);
const hugeSize = { width: side, height: side };

export const cases: Record<string, Case> = {
  'a JPEG': fair(() => samplePhoto),
  'a progressive JPEG': fair(() => photo().jpeg({ progressive: true, quality: 95 }).toBuffer()),
  'a progressive JPEG of a hundred scans': fair(() => jpegOfScans(600, 450, 99), { width: 600, height: 450 }),
  'a JPEG with a film behind it': fair(() => Buffer.concat([sample, ...Array(300).fill(sample)])),
  'a PNG': fair(() => photo().png().toBuffer()),
  'an interlaced PNG': fair(() => photo().png({ progressive: true }).toBuffer()),
  'a WebP': fair(() => photo().webp({ quality: 95 }).toBuffer()),
  'a lossless WebP': fair(() => photo().webp({ lossless: true }).toBuffer()),
  'a CMYK JPEG': fair(() => photo().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()),
  'a PNG of 16 bit': fair(() => photo().toColourspace('rgb16').png().toBuffer()),
  'a grey JPEG': fair(() => photo().toColourspace('b-w').jpeg({ quality: 95 }).toBuffer()),
  'a grey PNG of 16 bit': fair(() => photo().toColourspace('grey16').png().toBuffer()),
  'a PNG with alpha': fair(() => photo().ensureAlpha(0.5).png().toBuffer()),
  'a WebP with alpha': fair(() => photo().ensureAlpha(0.5).webp({ quality: 95 }).toBuffer()),
  'a palette PNG': fair(() => photo().png({ palette: true }).toBuffer()),
  'a JPEG with a wide-gamut ICC profile': fair(() => photo().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer()),
  'a JPEG with an ICC profile that is none': fair(() => withIccSegment(Buffer.from('no profile'))),
  ...Object.fromEntries(held),
  'a JPEG with a ZIP behind it': fair(() => Buffer.concat([sample, zip])),
  'a JPEG with HTML behind it': fair(() => Buffer.concat([sample, Buffer.from(html)])),
  'a JPEG with HTML in its comment': fair(() => withComment(html)),
  'a photo of one pixel': fair(() => solid(1, 1, [180, 90, 60]).png().toBuffer(), { width: 1, height: 1 }),
  'a photo of one row': fair(() => solid(5000, 1, [180, 90, 60]).png().toBuffer(), { width: 5000, height: 1 }),

  'an animated GIF': unsupported(async () => (await animation()).gif().toBuffer()),
  'an animated WebP': unsupported(async () => (await animation()).webp().toBuffer(), single),
  'an animated PNG': unsupported(animatedPng, single),
  'a JPEG of some 500 KB that would take half a minute': unsupported(
    () => jpegOfScans(7000, 7000, 2646),
    /scans\. Export it/,
  ),
  'the same with a marker without length before each scan': unsupported(
    async () => withTemMarkers(await jpegOfScans(7000, 7000, 2646)),
    /scans\. Export it/,
  ),
  'a progressive JPEG of 50 megapixels in forty scans': unsupported(
    () => jpegOfScans(side, side, 40),
    /scans\. Export it/,
  ),
  'a TIFF of two pages': unsupported(tiffOfTwoPages),
  'what looks like a HEIC': unsupported(() => heic),
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

  'a PNG of 30,000 × 30,000 in some 100 KB': tooLarge(() => decompressionBomb()),
  'a JPEG that claims 65,000 × 65,000': tooLarge(() => jpegClaiming(sample, 65_000, 65_000)),
  'a WebP of 16,383 × 16,383': tooLarge(() => webpClaiming(16_383)),
  'a PNG that claims 2,000,000 × 30': tooLarge(() => pngOf(2_000_000, 30, rows(40, 40))),

  'a JPEG of 50 megapixels, progressive and on its side': fair(
    () => huge().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).withMetadata({ orientation: 6 }).toBuffer(),
    hugeSize,
  ),
  'a PNG of 50 megapixels, interlaced': fair(
    () => huge().png({ progressive: true, compressionLevel: 1 }).toBuffer(),
    hugeSize,
  ),
  'a WebP of 50 megapixels': fair(() => huge().webp({ effort: 0 }).toBuffer(), hugeSize),
  'a PNG with a comment that inflates to 300 MB': fair(() => withChunk(inflating('zTXt', 'Comment\0\0', 300))),
  'a PNG with an ICC profile that inflates to 300 MB': fair(() => withChunk(inflating('iCCP', 'icc\0\0', 300))),
};

/** TEM, which a decoder passes over. */
function withTemMarkers(jpeg: Buffer): Buffer {
  const scan = '\xff\xda';
  return Buffer.from(jpeg.toString('latin1').replaceAll(scan, `\xff\x01${scan}`), 'latin1');
}

/** An APP2 segment of the kind that holds a profile. */
function withIccSegment(profile: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile]);
  const marker = Buffer.from([0xff, 0xe2, 0, content.length + 2]);
  return Buffer.concat([sample.subarray(0, 2), marker, content, sample.subarray(2)]);
}

/** The frame header of a lossy WebP holds 14 bits for each side. */
async function webpClaiming(claimed: number): Promise<Buffer> {
  const whole = await photo().webp({ quality: 50 }).toBuffer();
  const start = whole.indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
  whole.writeUInt16LE(claimed, start + 3);
  whole.writeUInt16LE(claimed, start + 5);
  return whole;
}
