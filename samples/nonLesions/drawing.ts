/** Red, green, blue, each 0 to 255. */
export type Colour = readonly [number, number, number];

/** Colour at a place: x from 0 to `aspect`, y from 0 (top) to 1. */
export type Painting = (x: number, y: number) => Colour;

/** From 0 to 1, the next of a fixed sequence. */
export type Random = () => number;

export const aspect = 4 / 3;

/** Mulberry32 (Tommy Ettinger, public domain): the same pictures everywhere and every time. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function between(random: Random, low: number, high: number): number {
  return low + random() * (high - low);
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}

export function anyColour(random: Random, low = 0, high = 255): Colour {
  return [between(random, low, high), between(random, low, high), between(random, low, high)];
}

export function mix([r, g, b]: Colour, [red, green, blue]: Colour, share: number): Colour {
  return [r + (red - r) * share, g + (green - g) * share, b + (blue - b) * share];
}

export function shade([r, g, b]: Colour, factor: number): Colour {
  return [r * factor, g * factor, b * factor];
}

/** 0 below the edge, 1 above, smooth within its width. */
export function step(value: number, edge: number, width = 0.006): number {
  const t = Math.min(1, Math.max(0, (value - edge) / width + 0.5));
  return t * t * (3 - 2 * t);
}

/** A value of its own, 0 to 1, for each pair of whole numbers. */
export function cellValue(seed: number): (column: number, row: number) => number {
  return (column, row) => {
    let mixed = Math.imul(column ^ Math.imul(row, 0x27d4eb2d) ^ seed, 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 4294967296;
  };
}

/** Value noise, 0 to 1, in cells of the given size. */
export function noise(random: Random, cell: number): (x: number, y: number) => number {
  const value = cellValue(Math.floor(random() * 2 ** 31));
  const smooth = (t: number) => t * t * (3 - 2 * t);
  const blend = (a: number, b: number, t: number) => a + (b - a) * t;
  return (x, y) => {
    const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
    const [u, v] = [smooth(x / cell - column), smooth(y / cell - row)];
    const top = blend(value(column, row), value(column + 1, row), u);
    return blend(top, blend(value(column, row + 1), value(column + 1, row + 1), u), v);
  };
}

/** Five octaves, as clouds and stone have them; 0 to 1. */
export function clouds(random: Random, cell: number): (x: number, y: number) => number {
  const octaves = [1, 2, 4, 8, 16].map((factor) => ({ at: noise(random, cell / factor), weight: 1 / factor }));
  const total = octaves.reduce((sum, { weight }) => sum + weight, 0);
  return (x, y) => octaves.reduce((sum, { at, weight }) => sum + at(x, y) * weight, 0) / total;
}
