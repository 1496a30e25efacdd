import { expect, test } from 'vitest';
import { heatmapOf } from './heatmap.ts';

const maps = { rows: 2, columns: 2, data: Float32Array.from([9, 9, 9, 9, -1, 1, 0, 3]) };

test("a class's map is stretched to 0–1 over its own grid, row by row", () => {
  expect(heatmapOf(maps, 1, { width: 10, height: 10 }).values).toEqual([0, 0.5, 0.25, 1]);
});

test('an even map says nothing, and is all zero', () => {
  expect(heatmapOf(maps, 0, { width: 10, height: 10 }).values).toEqual([0, 0, 0, 0]);
});

test.each([
  ['a wide photo', { width: 600, height: 450 }, { left: 75, top: 0, size: 450 }],
  ['a tall one', { width: 451, height: 600 }, { left: 0, top: 74, size: 451 }],
])('it lies on the centre square of %s', (_, photo, square) => {
  expect(heatmapOf(maps, 1, photo)).toMatchObject(square);
});
