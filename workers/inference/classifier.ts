import { decodeImage } from '../../adapters/imageDecoder.ts';
import type { ModelRunner } from '../../adapters/modelRunner/modelRunner.ts';
import { assess, type Scores } from '../../core/assessment.ts';
import { heatmapOf } from '../../core/heatmap.ts';
import { measureQuality } from '../../core/imageQuality.ts';
import type { ModelManifest } from '../../core/modelManifest.ts';
import { calibrate } from '../../core/probabilities.ts';
import type { Result } from '../../core/request.ts';

export interface Classification {
  result: Omit<Result, 'timings'>;
  /** What the model said before anything is withheld; for evaluation. */
  scores: Scores;
  /** Milliseconds. */
  timings: { decode: number; inference: number; post: number };
}

export type Classifier = (bytes: Uint8Array) => Promise<Classification>;

/**
 * From a photo's bytes to a calibrated, assessed result: the whole way, as worker, evaluation and benchmark share it.
 *
 * @param runner may still be loading; decoding does not wait for it
 * @throws LesionError if the photo cannot be read; Error if the model fails
 */
export function createClassifier(manifest: ModelManifest, runner: ModelRunner | Promise<ModelRunner>): Classifier {
  return async (bytes) => {
    const start = performance.now();
    const { rgb, photo } = await decodeImage(bytes, manifest.input);
    const model = await runner;
    const decoded = performance.now();
    const output = await model.run(rgb);
    const ran = performance.now();
    const scores = { probabilities: calibrate(output.logits, manifest.temperature), distance: output.distance };
    const imageQuality = { ...photo, ...measureQuality(rgb, manifest.input.width, manifest.input.height) };
    const verdict = assess(scores, imageQuality, manifest);
    const top = verdict.predictions[0];
    const heatmap =
      top && output.activation ? heatmapOf(output.activation, manifest.classes.indexOf(top.code), photo) : undefined;
    const { name, version } = manifest;
    const result = { ...verdict, heatmap, imageQuality, model: { name, version } };
    const timings = { decode: decoded - start, inference: ran - decoded, post: performance.now() - ran };
    return { result, scores, timings };
  };
}
