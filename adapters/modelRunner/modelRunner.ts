import type { ActivationMaps } from '../../core/heatmap.ts';
import { type ModelManifest, viewCountOf } from '../../core/modelManifest.ts';

/** What a model says of one photo, in all the views that its manifest asks for. */
export interface ModelOutput {
  /** One per view, Float32 [classes], before softmax. */
  logits: Float32Array[];
  /** Float32 [classes, rows, columns], averaged over the views, upright; null if the model has no such output. */
  activation: ActivationMaps | null;
  /** Mean over the views; null if the model has no such output. */
  distance: number | null;
  /** Mean over the views, 0 to 1; null if the model has no such output. */
  modality: number | null;
}

/** Runs one decoded photo through the model, wherever that stands. */
export interface ModelRunner {
  /**
   * @param rgb uint8 [height, width, 3] at the size the manifest says
   * @throws Error if the model fails or its output is not what the manifest says
   */
  run(rgb: Uint8Array): Promise<ModelOutput>;
}

/**
 * A gate that says nothing would let everything through, so an output that the manifest names has to be there.
 *
 * @param source what gave the output, for the message
 * @throws Error naming what is missing, too many, or no finite number
 */
export function assertFits(output: ModelOutput, manifest: ModelManifest, source: string): ModelOutput {
  const { outputs, classes, name } = manifest;
  const { logits, activation, distance, modality } = output;
  const views = viewCountOf(manifest);
  if (logits.length !== views) throw new Error(`${source} gives ${logits.length} views, ${name} has ${views}`);
  for (const { length } of logits) {
    if (length !== classes.length)
      throw new Error(`${source} gives ${length} logits, ${name} has ${classes.length} classes`);
  }
  for (const output of ['activation', 'distance', 'modality'] as const) {
    const given = { activation, distance, modality }[output];
    if (outputs[output] && given === null) throw new Error(`${source} gives no ${output}, which ${name} has`);
  }
  for (const view of logits) assertFinite(view, 'logits that are not finite numbers');
  assertFinite([distance ?? 0], 'a distance that is not a finite number');
  assertFinite(activation?.data ?? [], 'activations that are not finite numbers');
  // Written so that NaN, too, is none.
  if (modality !== null && !(modality >= 0 && modality <= 1)) {
    throw new Error(`The model returned a modality of ${modality}, which is no probability`);
  }
  return output;
}

function assertFinite(values: Float32Array | number[], what: string): void {
  for (const value of values) if (!Number.isFinite(value)) throw new Error(`The model returned ${what}`);
}
