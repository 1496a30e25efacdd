import type { ActivationMaps } from '../../core/heatmap.ts';

/** What a model says of one photo. */
export interface ModelOutput {
  /** Float32 [classes], before softmax. */
  logits: Float32Array;
  /** Float32 [classes, rows, columns]; null if the model has no such output. */
  activation: ActivationMaps | null;
  /** null if the model has no such output. */
  distance: number | null;
}

/** Runs one decoded photo through the model, wherever that stands. */
export interface ModelRunner {
  /**
   * @param rgb uint8 [height, width, 3] at the size the manifest says
   * @throws Error if the model fails or returns what is not a finite number
   */
  run(rgb: Uint8Array): Promise<ModelOutput>;
}

/** @throws Error naming the output that holds NaN or an infinity */
export function assertFinite(output: ModelOutput): ModelOutput {
  if (!output.logits.every(Number.isFinite)) throw new Error('The model returned logits that are not finite numbers');
  if (output.distance !== null && !Number.isFinite(output.distance)) {
    throw new Error('The model returned a distance that is not a finite number');
  }
  if (output.activation && !output.activation.data.every(Number.isFinite)) {
    throw new Error('The model returned activations that are not finite numbers');
  }
  return output;
}
