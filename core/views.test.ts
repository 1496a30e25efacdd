import { describe, expect, test } from 'vitest';
import { averageMaps, viewsOf } from './views.ts';

/** Each pixel a colour of its own, [side, side, 3]. */
const square = (side: number) => Uint8Array.from({ length: side * side * 3 }, (_, index) => index);
const red = (pixels: Uint8Array) =>
  Array.from(
    pixels.filter((_, index) => index % 3 === 0),
    (value) => value / 3,
  );

describe('the views of a square', () => {
  test('are it as it is, its quarter turns, and those of its mirror image', () => {
    const views = red(viewsOf(square(2), 2, 8));
    expect(Array.from({ length: 8 }, (_, view) => views.slice(view * 4, view * 4 + 4))).toEqual([
      [0, 1, 2, 3],
      [2, 0, 3, 1],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [1, 0, 3, 2],
      [3, 1, 2, 0],
      [2, 3, 0, 1],
      [0, 2, 1, 3],
    ]);
  });

  test('keep the three channels of a pixel together', () => {
    const [, turned] = [0, 1].map((view) => viewsOf(square(3), 3, 4).subarray(view * 27, (view + 1) * 27));
    expect([...turned!.subarray(0, 3)]).toEqual([18, 19, 20]);
  });

  test('of a model that sees one are the square itself, not copied', () => {
    const rgb = square(4);
    expect(viewsOf(rgb, 4, 1)).toBe(rgb);
  });
});

describe('the maps of the views, averaged', () => {
  test.each([4, 8] as const)('of %i views are the map of the square where each view shows the same turned', (views) => {
    const map = red(square(3));
    const turned = red(viewsOf(square(3), 3, views));
    const data = new Float32Array(views * 18);
    for (let view = 0; view < views; view++) {
      const one = turned.slice(view * 9, view * 9 + 9);
      data.set([...one, ...one.map((value) => value * 10)], view * 18);
    }
    const { data: mean } = averageMaps(data, { rows: 3, columns: 3 }, views);
    expect([...mean]).toEqual([...map, ...map.map((value) => value * 10)]);
  });

  test('are refused where a turned one does not fit on the others', () => {
    expect(() => averageMaps(new Float32Array(24), { rows: 2, columns: 3 }, 4)).toThrow(/2 × 3/);
  });
});
