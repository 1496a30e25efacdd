import type { ActivationMaps } from './heatmap.ts';

/** How many of a square's eight orientations the model sees: it as it is, its quarter turns, those mirrored as well. */
export type Views = 1 | 4 | 8;

/**
 * A square in each of its views: as it is, turned clockwise by 90°, 180° and 270°, then the same of its mirror image.
 *
 * @param rgb uint8 [side, side, 3]
 * @returns uint8 [views, side, side, 3]; of one view `rgb` itself
 */
export function viewsOf(rgb: Uint8Array, side: number, views: Views): Uint8Array {
  if (views === 1) return rgb;
  const all = new Uint8Array(rgb.length * views);
  all.set(rgb);
  writeTurns(all.subarray(0, rgb.length * 4), side);
  if (views === 4) return all;
  const mirrored = all.subarray(rgb.length * 4);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const from = (row * side + side - 1 - column) * 3;
      mirrored.set(rgb.subarray(from, from + 3), (row * side + column) * 3);
    }
  }
  writeTurns(mirrored, side);
  return all;
}

/** From the first of four squares to the others. Each pixel is read once for all three: this is in a photo's way. */
function writeTurns(four: Uint8Array, side: number): void {
  const length = side * side * 3;
  const row = side * 3;
  let from = 0;
  for (let y = 0; y < side; y++) {
    let quarter = length + (side - 1 - y) * 3;
    let half = length * 3 - 3 - y * row;
    let threeQuarters = length * 3 + (side - 1) * row + y * 3;
    for (let x = 0; x < side; x++) {
      const [red, green, blue] = [four[from]!, four[from + 1]!, four[from + 2]!];
      four[quarter] = red;
      four[quarter + 1] = green;
      four[quarter + 2] = blue;
      four[half] = red;
      four[half + 1] = green;
      four[half + 2] = blue;
      four[threeQuarters] = red;
      four[threeQuarters + 1] = green;
      four[threeQuarters + 2] = blue;
      from += 3;
      quarter += row;
      half -= 3;
      threeQuarters -= row;
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
  const { origin, right, down } = placesOf(view, side);
  const cells = side * side;
  for (let index = 0; index < maps.length; index++) {
    const cell = index % cells;
    const place = origin + Math.floor(cell / side) * down + (cell % side) * right;
    sum[index - cell + place]! += maps[index]!;
  }
}

/** What a view shows at (row, column) stands in the square itself at `origin + row * down + column * right`. */
function placesOf(view: number, side: number): { origin: number; right: number; down: number } {
  const corner = { topLeft: 0, topRight: side - 1, bottomLeft: (side - 1) * side, bottomRight: side * side - 1 };
  const views = [
    { origin: corner.topLeft, right: 1, down: side },
    { origin: corner.bottomLeft, right: -side, down: 1 },
    { origin: corner.bottomRight, right: -1, down: -side },
    { origin: corner.topRight, right: side, down: -1 },
    { origin: corner.topRight, right: -1, down: side },
    { origin: corner.bottomRight, right: -side, down: -1 },
    { origin: corner.bottomLeft, right: 1, down: -side },
    { origin: corner.topLeft, right: side, down: 1 },
  ];
  return views[view]!;
}
