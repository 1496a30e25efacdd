import type { Heatmap } from './generated/schema.ts';

/** One activation map per class over the model's input, Float32 [classes, rows, columns]. */
export interface ActivationMaps {
  data: Float32Array;
  rows: number;
  columns: number;
}

/** Pixels of the upright photo. */
export interface Size {
  width: number;
  height: number;
}

/**
 * The class activation map (Zhou et al. 2016) of one class, stretched to 0–1 over its own grid, and the centre
 * square of the upright photo that it covers.
 */
export function heatmapOf(maps: ActivationMaps, classIndex: number, photo: Size): Heatmap {
  const cells = maps.rows * maps.columns;
  const values = Array.from(maps.data.subarray(classIndex * cells, (classIndex + 1) * cells));
  const lowest = Math.min(...values);
  const range = Math.max(...values) - lowest;
  const size = Math.min(photo.width, photo.height);
  return {
    rows: maps.rows,
    columns: maps.columns,
    values: values.map((value) => (range > 0 ? round((value - lowest) / range) : 0)),
    left: Math.floor((photo.width - size) / 2),
    top: Math.floor((photo.height - size) / 2),
    size,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
