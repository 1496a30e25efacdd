import type { ActivationMaps } from './heatmap.ts';

/** How many of a square's eight orientations the model sees: it as it is, its quarter turns, those mirrored as well. */
export type Views = 1 | 4 | 8;

/** Where a turned square's pixels come from: (row, column) is the original's `origin + row * down + column * right`. */
interface Orientation {
  origin: number;
  right: number;
  down: number;
}

function orientationOf(view: number, side: number): Orientation {
  const turns: Orientation[] = [
    { origin: 0, right: 1, down: side },
    { origin: (side - 1) * side, right: -side, down: 1 },
    { origin: side * side - 1, right: -1, down: -side },
    { origin: side - 1, right: side, down: -1 },
  ];
  const { origin, right, down } = turns[view % 4]!;
  return view < 4 ? { origin, right, down } : { origin: origin + (side - 1) * right, right: -right, down };
}

/**
 * A square in each of its views.
 *
 * @param rgb uint8 [side, side, 3]
 * @returns uint8 [views, side, side, 3], the square as it is first
 */
export function viewsOf(rgb: Uint8Array, side: number, views: Views): Uint8Array {
  if (views === 1) return rgb;
  const all = new Uint8Array(rgb.length * views);
  all.set(rgb);
  for (let view = 1; view < views; view++) turnInto(all, rgb.length * view, rgb, side, view);
  return all;
}

function turnInto(into: Uint8Array, offset: number, rgb: Uint8Array, side: number, view: number): void {
  const { origin, right, down } = orientationOf(view, side);
  let to = offset;
  for (let row = 0; row < side; row++) {
    let from = (origin + row * down) * 3;
    for (let column = 0; column < side; column++) {
      into[to] = rgb[from]!;
      into[to + 1] = rgb[from + 1]!;
      into[to + 2] = rgb[from + 2]!;
      to += 3;
      from += right * 3;
    }
  }
}

/**
 * The maps of all views, each turned back, averaged: the model pads its strided layers on one side only, so a map of one
 * view lies a third of a cell off, and the others lie off the other way.
 *
 * @param data Float32 [views, maps, side, side], in the order of `viewsOf`
 * @throws Error if the maps of a turned square are not square
 */
export function averageMaps(
  data: Float32Array,
  { rows, columns }: Omit<ActivationMaps, 'data'>,
  views: Views,
): ActivationMaps {
  if (views === 1) return { data, rows, columns };
  if (rows !== columns) throw new Error(`The activation maps are ${rows} × ${columns}: turned views need square ones`);
  const perView = data.length / views;
  const sum = new Float32Array(perView);
  for (let view = 0; view < views; view++) {
    addTurnedBack(sum, data.subarray(view * perView, (view + 1) * perView), rows, view);
  }
  return { data: sum.map((value) => value / views), rows, columns };
}

function addTurnedBack(sum: Float32Array, maps: Float32Array, side: number, view: number): void {
  const { origin, right, down } = orientationOf(view, side);
  const cells = side * side;
  for (let index = 0; index < maps.length; index++) {
    const cell = index % cells;
    const place = origin + Math.floor(cell / side) * down + (cell % side) * right;
    sum[index - cell + place]! += maps[index]!;
  }
}
