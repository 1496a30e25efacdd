import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

export type Colour = readonly [red: number, green: number, blue: number];

/** A picture of one colour; alpha 0.5 with four channels. */
export function solid(width: number, height: number, [r, g, b]: Colour, channels: 3 | 4 = 3) {
  return sharp({ create: { width, height, channels, background: { r, g, b, alpha: 0.5 } } });
}

/** Four colours: top left, top right, bottom left, bottom right. */
export async function quadrants(width: number, height: number, colours: readonly [Colour, Colour, Colour, Colour]) {
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const right = pixel % width >= width / 2 ? 1 : 0;
    const below = Math.floor(pixel / width) >= height / 2 ? 2 : 0;
    rgb.set(colours[right + below]!, pixel * 3);
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

/** A PNG whose header tells any size and whose pixels are what is given, right or not. */
export function png(
  width: number,
  height: number,
  { bitDepth = 8, colours = 0, pixels = Buffer.alloc(0), before = [] as Buffer[], behind = [] as Buffer[] } = {},
) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colours;
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    ...before,
    pngChunk('IDAT', pixels),
    ...behind,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG of one colour in samples of any depth, grey or RGB, with chunks that tell what its numbers mean. */
export function pngOfSamples(samples: readonly number[], before: Buffer[], bitDepth: 8 | 16 = 8): Buffer {
  const [width, height] = [64, 48];
  const pixel = Buffer.alloc((samples.length * bitDepth) / 8);
  for (const [index, sample] of samples.entries()) {
    pixel.writeUIntBE(sample, (index * bitDepth) / 8, bitDepth / 8);
  }
  const row = Buffer.concat([Buffer.alloc(1), ...Array<Buffer>(width).fill(pixel)]);
  const pixels = deflateSync(Buffer.concat(Array<Buffer>(height).fill(row)));
  return png(width, height, { bitDepth, colours: samples.length === 1 ? 0 : 2, pixels, before });
}

/** PNG chunks that tell colours: the numbers of ITU-T H.273, an exponent, the corners of the colour space. */
export const colourChunks = {
  cicp: (primaries: number, transfer: number, fullRange = 1) =>
    pngChunk('cICP', Buffer.from([primaries, transfer, 0, fullRange])),
  gamma: (gamma: number) => pngChunk('gAMA', ofNumbers([gamma])),
  corners: (...corners: number[]) => pngChunk('cHRM', ofNumbers(corners)),
  profile: (icc: Buffer, name = 'it') =>
    pngChunk('iCCP', Buffer.concat([Buffer.from(`${name}\0\0`, 'latin1'), deflateSync(icc)])),
};

/** In steps of 0.00001. */
function ofNumbers(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(Math.round(number * 100_000), index * 4);
  return bytes;
}

/** EXIF that says nothing but how the camera was held. */
export function exifOrientation(orientation: number): Buffer {
  const exif = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0', 'latin1');
  exif.writeUInt16BE(orientation, 18);
  return exif;
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

/** Bits as a JPEG has them: filled up with ones, and 0 behind each byte of ones. */
function entropyCoded(bits: string): number[] {
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? [];
  return bytes.flatMap((byte) => (byte === '11111111' ? [0xff, 0] : [Number.parseInt(byte, 2)]));
}

const tableOfOnes = (kind: number) => [0xff, 0xdb, 0, 67, kind, ...Array<number>(64).fill(1)];
/** One code, "0", for one symbol: no change of the mean, or the end of the block. */
const codeOf = (table: number, symbol: number) => [0xff, 0xc4, 0, 20, table, 1, ...Array<number>(15).fill(0), symbol];
const size = (side: number) => [side >> 8, side & 255];

/** A baseline JPEG in medium grey of any size, two bits for each 64 pixels: valid to the letter, and soon written. */
export function flatJpeg(width: number, height: number): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const frame = [0xff, 0xc0, 0, 11, 8, ...size(height), ...size(width), 1, 1, 0x11, 0];
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0];
  const head = [0xff, 0xd8, ...tableOfOnes(0), ...frame, ...codeOf(0, 0), ...codeOf(0x10, 0), ...scan];
  const rest = entropyCoded('00'.repeat(blocks % 4));
  return Buffer.concat([Buffer.from(head), Buffer.alloc(Math.floor(blocks / 4)), Buffer.from([...rest, 0xff, 0xd9])]);
}

/** The same progressive and in three colours of full size: the means first, then the rest of each colour. */
export function flatProgressiveJpeg(width: number, height: number): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const ids = [1, 2, 3];
  const frame = [0xff, 0xc2, 0, 17, 8, ...size(height), ...size(width), 3, ...ids.flatMap((id) => [id, 0x11, 0])];
  const means = [0xff, 0xda, 0, 12, 3, ...ids.flatMap((id) => [id, 0]), 0, 0, 0];
  const rests = ids.map((id) =>
    Buffer.from([0xff, 0xda, 0, 8, 1, id, 0, 1, 63, 0, ...entropyCoded(emptyBlocks(blocks))]),
  );
  const runs = [0xff, 0xc4, 0, 34, 0x10, 0, 0, 0, 15, ...Array<number>(12).fill(0), ...runSymbols];
  const head = [0xff, 0xd8, ...tableOfOnes(0), ...frame, ...codeOf(0, 0), ...runs, ...means];
  const bits = entropyCoded('0'.repeat((blocks * 3) % 8));
  const first = Buffer.concat([Buffer.alloc(Math.floor((blocks * 3) / 8)), Buffer.from(bits)]);
  return Buffer.concat([Buffer.from(head), first, ...rests, Buffer.from([0xff, 0xd9])]);
}

/** EOB0 to EOB14: so many bits follow, which with a one before them say how many blocks are empty (ITU-T T.81, G.1.2.2). */
const runSymbols = Array.from({ length: 15 }, (_, bits) => bits << 4);

function emptyBlocks(count: number): string {
  const runs = Array.from({ length: Math.ceil(count / 32_767) }, (_, run) => Math.min(32_767, count - run * 32_767));
  const codes = runs.map((run) => {
    const bits = Math.floor(Math.log2(run));
    return bits.toString(2).padStart(4, '0') + (bits > 0 ? run.toString(2).slice(1) : '');
  });
  return codes.join('');
}

/** A progressive JPEG of one colour, valid to the letter: a picture, and then `scans` that each say of one coefficient "no change". */
export async function jpegOfScans(width: number, height: number, scans: number): Promise<Buffer> {
  const plain = await solid(width, height, [180, 150, 130])
    .jpeg({ progressive: true, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const firstScan = plain.indexOf(Buffer.from([0xff, 0xda]));
  const start = plain.subarray(0, plain.indexOf(Buffer.from([0xff, 0xc4]), firstScan));
  // A Huffman table with one code: "0" and 14 bits say how many blocks to pass over.
  const table = Buffer.from([0xff, 0xc4, 0, 20, 0x10, 1, ...Array(15).fill(0), 0xe0]);
  const runs = Math.ceil((Math.ceil(width / 8) * Math.ceil(height / 8)) / 32767);
  const nothing = entropyCoded(`0${'1'.repeat(14)}`.repeat(runs));
  const steps = Array.from({ length: scans }, (_, index) => {
    const [bit, coefficient] = [13 - (index % 14), 1 + (Math.floor(index / 14) % 63)];
    const component = 1 + Math.floor(index / (14 * 63));
    const from = bit === 13 ? 0 : bit + 1;
    return [0xff, 0xda, 0, 8, 1, component, 0, coefficient, coefficient, (from << 4) | bit, ...nothing];
  });
  return Buffer.concat([start, table, Buffer.from(steps.flat()), Buffer.from([0xff, 0xd9])]);
}

/** A JPEG that claims another size than it has. */
export function jpegClaiming(jpeg: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg);
  const frame = [0xc0, 0xc2].map((kind) => changed.indexOf(Buffer.from([0xff, kind, 0]))).find((at) => at >= 0)!;
  changed.writeUInt16BE(height, frame + 5);
  changed.writeUInt16BE(width, frame + 7);
  return changed;
}

/** A WebP that claims another size than it has. */
export function webpClaiming(webp: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(webp);
  const lossless = changed.indexOf('VP8L', 0, 'latin1');
  if (lossless >= 0) {
    changed.writeUInt32LE(((height - 1) << 14) | (width - 1), lossless + 9);
    return changed;
  }
  const start = changed.indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
  changed.writeUInt16LE(width, start + 3);
  changed.writeUInt16LE(height, start + 5);
  return changed;
}

/** Bytes of the entropy-coded part overwritten, as by a bad disk. */
export function spoilt(bytes: Buffer, from: number, length: number): Buffer {
  const changed = Buffer.from(bytes);
  for (let index = 0; index < length; index++) changed[from + index] = (index * 37) % 251;
  return changed;
}
