import { crc32, deflateSync } from 'node:zlib';
import { LesionError } from '../../core/errors.ts';
import { primariesByNumber, srgb, srgbCurve, transferByNumber } from './colourSpaces.ts';
import { greyProfile, isHdrTransfer, type Primaries, rgbProfile, type Transfer } from './iccProfile.ts';
import { hdrRefused, type Picture, unreadable } from './picture.ts';

interface Chunk {
  type: string;
  content: Buffer;
  /** The whole chunk, with length, type and checksum. */
  whole: Buffer;
}

const signatureBytes = 8;

/**
 * A PNG with what the decoder passes over put where it reads it: the colours by cICP, gAMA and cHRM become an ICC
 * profile, in the order of precedence that the standard gives (PNG, third edition, 4.3), and an orientation behind the
 * pixels moves before them.
 *
 * @throws LesionError UnsupportedImage for an animation, HDR and colours that cannot be told; UnreadableImage
 */
export function readPng(bytes: Buffer): Picture {
  const chunks = chunksOf(bytes);
  const [header] = chunks;
  if (header?.type !== 'IHDR' || header.content.length !== 13) throw unreadable();
  const pixels = chunks.findIndex(({ type }) => type === 'IDAT');
  const before = chunks.slice(1, Math.max(1, pixels));
  assertStill(before);
  const [bitDepth, colours] = [header.content[8]!, header.content[9]!];
  const grey = colours === 0 || colours === 4;
  const samples = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 }[colours] ?? 4;
  return {
    kind: 'PNG',
    bytes: rewritten(bytes, header, before, lateOrientation(chunks, pixels), profileOf(before, grey)),
    width: header.content.readUInt32BE(0),
    height: header.content.readUInt32BE(4),
    bytesPerPixel: samples * (bitDepth === 16 ? 2 : 1),
    sixteenBit: bitDepth !== 16 ? undefined : grey ? 'b-w' : 'srgb',
  };
}

function chunksOf(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = signatureBytes; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const whole = bytes.subarray(at, at + 12 + length);
    if (whole.length < 12 + length) break;
    const type = whole.toString('latin1', 4, 8);
    chunks.push({ type, content: whole.subarray(8, 8 + length), whole });
    at += whole.length;
  }
  return chunks;
}

/** What is acted upon must be whole; the decoder itself passes over a spoilt chunk that is not needed. */
function find(chunks: readonly Chunk[], type: string): Buffer | undefined {
  const chunk = chunks.find((one) => one.type === type);
  if (!chunk) return undefined;
  if (crc32(chunk.whole.subarray(4, -4)) !== chunk.whole.readUInt32BE(chunk.whole.length - 4)) throw unreadable();
  return chunk.content;
}

/** One frame is a still, if it is the picture itself: the frame's header then comes before the pixels (APNG 1.0). */
function assertStill(before: readonly Chunk[]): void {
  const animation = find(before, 'acTL');
  if (!animation) return;
  const single = animation.length === 8 && animation.readUInt32BE(0) === 1;
  if (single && before.some(({ type }) => type === 'fcTL')) return;
  throw new LesionError('UnsupportedImage', 'This is an animation. Send a single photo.');
}

/** Which decoders are to go by, whatever the profile says (W3C note "Using the ITU BT.2100 PQ EOTF with the PNG Format"). */
const hdrProfileName = 'ITUR_2100_PQ_FULL\0';

/** @returns a profile to put in, or '' where the file's own is to be taken out, or undefined where all is well */
function profileOf(before: readonly Chunk[], grey: boolean): Buffer | '' | undefined {
  const told = find(before, 'cICP');
  if (told) return asProfile(...byNumbers(told), grey) ?? (find(before, 'iCCP') ? '' : undefined);
  const own = find(before, 'iCCP');
  if (own?.toString('latin1').startsWith(hdrProfileName)) throw hdrRefused();
  if (own || before.some(({ type }) => type === 'sRGB')) return undefined;
  const gamma = find(before, 'gAMA');
  const corners = find(before, 'cHRM');
  return asProfile(corners ? byCorners(corners) : srgb, gamma ? byGamma(gamma) : srgbCurve, grey);
}

function asProfile(primaries: Primaries, transfer: Transfer, grey: boolean): Buffer | undefined {
  if (transfer === srgbCurve && (grey || nearly(primaries, srgb))) return undefined;
  return grey ? greyProfile(transfer) : rgbProfile(primaries, transfer);
}

/** ITU-T H.273; a PNG holds RGB, so the third number is 0. */
function byNumbers(content: Buffer): [Primaries, Transfer] {
  const [primaries = 0, transfer = 0, matrix, fullRange] = content;
  if (isHdrTransfer(transfer)) throw hdrRefused();
  const known = primariesByNumber[primaries];
  const curve = transferByNumber[transfer];
  if (known && curve !== undefined && matrix === 0 && fullRange === 1) return [known, curve];
  throw new LesionError(
    'UnsupportedImage',
    'This PNG tells its colours in a way that is not read. Send a photo in sRGB or Display P3.',
  );
}

/** 45455 is what programs write that mean sRGB, whose own curve is a little different (PNG, third edition, 11.3.2.5). */
function byGamma(content: Buffer): Transfer {
  const gamma = content.length === 4 ? content.readUInt32BE(0) : 0;
  if (gamma < 10_000 || gamma > 500_000 || Math.abs(gamma - 45_455) < 1000) return srgbCurve;
  return 100_000 / gamma;
}

function byCorners(content: Buffer): Primaries {
  if (content.length !== 32) return srgb;
  const at = (index: number) =>
    [content.readUInt32BE(index * 8) / 100_000, content.readUInt32BE(index * 8 + 4) / 100_000] as const;
  const found = { white: at(0), red: at(1), green: at(2), blue: at(3) };
  const sound = Object.values(found).every(([x, y]) => x >= 0 && y > 0 && x + y <= 1);
  return sound ? found : srgb;
}

function nearly(a: Primaries, b: Primaries): boolean {
  return (['white', 'red', 'green', 'blue'] as const).every((key) =>
    [0, 1].every((axis) => Math.abs(a[key][axis]! - b[key][axis]!) < 0.002),
  );
}

/** The decoder reads what stands before the pixels, and eXIf may stand behind them. */
function lateOrientation(chunks: readonly Chunk[], pixels: number): Buffer | undefined {
  const [first] = chunks.flatMap((chunk, index) => (chunk.type === 'eXIf' ? [{ chunk, index }] : []));
  return first && first.index > pixels ? first.chunk.whole : undefined;
}

const ofColour = new Set(['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM']);

function rewritten(
  bytes: Buffer,
  header: Chunk,
  before: readonly Chunk[],
  orientation: Buffer | undefined,
  profile: Buffer | '' | undefined,
): Buffer {
  if (profile === undefined && !orientation) return bytes;
  const kept = profile === undefined ? before : before.filter(({ type }) => !ofColour.has(type));
  const content = profile && Buffer.concat([Buffer.from('colours\0\0', 'latin1'), deflateSync(profile)]);
  const rest = signatureBytes + [header, ...before].reduce((sum, { whole }) => sum + whole.length, 0);
  return Buffer.concat([
    bytes.subarray(0, signatureBytes),
    header.whole,
    ...(content ? [chunk('iCCP', content)] : []),
    ...(orientation ? [orientation] : []),
    ...kept.map(({ whole }) => whole),
    bytes.subarray(rest),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const framed = Buffer.alloc(content.length + 12);
  framed.writeUInt32BE(content.length, 0);
  framed.write(type, 4, 'latin1');
  content.copy(framed, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), content.length + 8);
  return framed;
}
