import type { ModelManifest } from '../../core/modelManifest.ts';

/** A tensor as it goes to a session, in another thread or not. */
export interface TensorData {
  type: 'uint8' | 'float32';
  data: Uint8Array | Float32Array;
  dims: readonly number[];
}

type Place = (pixel: number, channel: number) => number;

/**
 * Makes the model's input from a batch of decoded photos: uint8 [batch, height, width, 3].
 *
 * uint8 NHWC is the decoder's own output and costs nothing; every other kind is made pixel by pixel. float32 is
 * (value / 255 − mean) / std per channel, mean and std from the manifest (0 and 1 if it has none).
 */
export function tensorMaker({ input }: Pick<ModelManifest, 'input'>, batch: number): (rgb: Uint8Array) => TensorData {
  const { width, height, type, layout } = input;
  const dims = layout === 'NHWC' ? [batch, height, width, 3] : [batch, 3, height, width];
  if (type === 'uint8' && layout === 'NHWC') return (rgb) => ({ type, data: rgb, dims });
  const pixels = width * height;
  const place: Place =
    layout === 'NHWC'
      ? (pixel, channel) => pixel * 3 + channel
      : (pixel, channel) => pixel + (Math.floor(pixel / pixels) * 2 + channel) * pixels;
  if (type === 'uint8') {
    return (rgb) => ({ type, data: arrange(rgb, new Uint8Array(rgb.length), place, identityTables()), dims });
  }
  const tables = normalizationTables(input.mean ?? [0, 0, 0], input.std ?? [1, 1, 1]);
  return (rgb) => ({ type, data: arrange(rgb, new Float32Array(rgb.length), place, tables), dims });
}

function arrange<Values extends Uint8Array | Float32Array>(
  rgb: Uint8Array,
  into: Values,
  place: Place,
  tables: readonly ArrayLike<number>[],
): Values {
  for (let channel = 0; channel < 3; channel++) {
    const table = tables[channel]!;
    for (let at = channel, pixel = 0; at < rgb.length; at += 3, pixel++) into[place(pixel, channel)] = table[rgb[at]!]!;
  }
  return into;
}

function identityTables(): ArrayLike<number>[] {
  const table = Uint8Array.from({ length: 256 }, (_, value) => value);
  return [table, table, table];
}

/** 256 values per channel, so that no pixel is divided. */
function normalizationTables(mean: readonly number[], std: readonly number[]): ArrayLike<number>[] {
  return [0, 1, 2].map((channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean[channel]!) / std[channel]!),
  );
}
