/** A chromaticity, CIE 1931 x and y. */
export type Chromaticity = readonly [x: number, y: number];

export interface Primaries {
  white: Chromaticity;
  red: Chromaticity;
  green: Chromaticity;
  blue: Chromaticity;
}

/**
 * From a stored value (0 to 1) to light: an exponent, or a curve with a straight start: ((value + offset) / (1 + offset))
 * to the exponent from `from` on, value ÷ `slope` below.
 */
export type Transfer = number | { exponent: number; offset: number; slope: number; from: number };

type Triple = [number, number, number];
type Matrix = [Triple, Triple, Triple];

/** The white of the space that profiles lead to (ICC.1:2022, 7.2.16). */
const d50: Triple = [0.9642, 1, 0.8249];
/** Cone responses, in which one white is exchanged for another (Bradford; ICC.1:2022, annex E). */
const bradford: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/** An ICC profile (version 4.3, matrix and curve) for what a picture tells in other ways than by a profile. */
export function rgbProfile(primaries: Primaries, transfer: Transfer): Buffer {
  const columns = transpose(colorants(primaries));
  const curve = curveTag(transfer);
  return profile('RGB ', [
    ['rXYZ', xyzTag(columns[0])],
    ['gXYZ', xyzTag(columns[1])],
    ['bXYZ', xyzTag(columns[2])],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ]);
}

/** The same for grey: the curve alone. */
export function greyProfile(transfer: Transfer): Buffer {
  return profile('GRAY', [['kTRC', curveTag(transfer)]]);
}

/** XYZ of red, green and blue at full light, one a column, as they add up to white, and that white taken for D50. */
function colorants({ white, red, green, blue }: Primaries): Matrix {
  const mixed = transpose([xyzOf(red), xyzOf(green), xyzOf(blue)]);
  const [r, g, b] = apply(invert(mixed), xyzOf(white));
  const scaled = mixed.map(([x, y, z]) => [x * r, y * g, z * b]) as Matrix;
  const [from, to] = [apply(bradford, xyzOf(white)), apply(bradford, d50)];
  const exchanged = bradford.map((row, i) => row.map((value) => (value * to[i]!) / from[i]!)) as Matrix;
  return multiply(invert(bradford), multiply(exchanged, scaled));
}

const xyzOf = ([x, y]: Chromaticity): Triple => [x / y, 1, (1 - x - y) / y];

/** Signed fixed-point number with 16 bits behind the point. */
function fixed(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), index * 4);
  return bytes;
}

const xyzTag = (xyz: Triple) => Buffer.concat([Buffer.from('XYZ \0\0\0\0', 'latin1'), fixed(...xyz)]);

/** ICC.1:2022, 10.18: function type 0 is a power, type 3 a power with a straight start. */
function curveTag(transfer: Transfer): Buffer {
  const parametric = (type: number, ...values: number[]) =>
    Buffer.concat([Buffer.from('para\0\0\0\0', 'latin1'), Buffer.from([0, type, 0, 0]), fixed(...values)]);
  if (typeof transfer === 'number') return parametric(0, transfer);
  const { exponent, offset, slope, from } = transfer;
  return parametric(3, exponent, 1 / (1 + offset), offset / (1 + offset), 1 / slope, from);
}

/** ICC.1:2022, 7: a header of 128 bytes, a table of tags, the tags. */
function profile(colours: string, tags: readonly [name: string, content: Buffer][]): Buffer {
  const all = [...tags, ['wtpt', xyzTag(d50)], ['desc', textTag('by a program')], ['cprt', textTag('none')]] as const;
  const table = Buffer.alloc(4 + all.length * 12);
  table.writeUInt32BE(all.length, 0);
  let end = 128 + table.length;
  for (const [index, [name, content]] of all.entries()) {
    table.write(name, 4 + index * 12, 'latin1');
    table.writeUInt32BE(end, 8 + index * 12);
    table.writeUInt32BE(content.length, 12 + index * 12);
    end += content.length;
  }
  const header = Buffer.alloc(128);
  header.writeUInt32BE(end, 0);
  header.writeUInt32BE(0x04300000, 8);
  header.write(`mntr${colours}XYZ `, 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  fixed(...d50).copy(header, 68);
  return Buffer.concat([header, table, ...all.map(([, content]) => content)]);
}

/** One text in one language, its length a multiple of four (ICC.1:2022, 10.15). */
function textTag(text: string): Buffer {
  const letters = Buffer.from(text.padEnd(text.length + (text.length % 2)), 'utf16le').swap16();
  const head = Buffer.from('mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS\0\0\0\0\0\0\0\x1c', 'latin1');
  head.writeUInt32BE(letters.length, 20);
  return Buffer.concat([head, letters]);
}

function transpose(m: Matrix): Matrix {
  return [0, 1, 2].map((i) => m.map((row) => row[i])) as Matrix;
}

function apply(m: Matrix, v: Triple): Triple {
  return m.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as Triple;
}

function multiply(a: Matrix, b: Matrix): Matrix {
  return transpose(transpose(b).map((column) => apply(a, column)) as Matrix);
}

function invert([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const [x, y, z] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const determinant = a * x + b * y + c * z;
  const adjugate: Matrix = [
    [x, c * h - b * i, b * f - c * e],
    [y, a * i - c * g, c * d - a * f],
    [z, b * g - a * h, a * e - b * d],
  ];
  return adjugate.map((row) => row.map((value) => value / determinant)) as Matrix;
}

/** A profile may say its colours by the numbers of ITU-T H.273, 16 and 18 being HDR (ICC.1:2022, 9.2.17), or by its name. */
export function isHdrProfile(icc: Buffer): boolean {
  const count = icc.length >= 132 ? Math.min(icc.readUInt32BE(128), 100) : 0;
  for (let at = 132; at + 12 <= Math.min(icc.length, 132 + count * 12); at += 12) {
    const name = icc.toString('latin1', at, at + 4);
    const content = icc.subarray(icc.readUInt32BE(at + 4), icc.readUInt32BE(at + 4) + icc.readUInt32BE(at + 8));
    if (name === 'cicp' && isHdrTransfer(content[9] ?? 0)) return true;
    if (
      name === 'desc' &&
      /(BT|Rec)\.? ?2100|ST ?2084|\bPQ\b|\bHLG\b/i.test(content.toString('latin1').replaceAll('\0', ''))
    )
      return true;
  }
  return false;
}

/** PQ or HLG (ITU-T H.273, table 3). */
export const isHdrTransfer = (transfer: number) => transfer === 16 || transfer === 18;
