import { decodeImage } from '../adapters/imageDecoder.ts';
import type { ModelRunner } from '../adapters/modelRunner/modelRunner.ts';
import { assess, type Scores } from '../core/assessment.ts';
import { heatmapOf } from '../core/heatmap.ts';
import { measureQuality } from '../core/imageQuality.ts';
import type { ModelManifest } from '../core/modelManifest.ts';
import { averageProbabilities } from '../core/probabilities.ts';
import type { Result } from '../core/request.ts';

export interface Classification {
  result: Omit<Result, 'timings'>;
  /** What the model said before anything is withheld; for evaluation. */
  scores: Scores;
  /** Milliseconds; `inference` counts from the decoded photo to the model's answer, waiting for a free core included. */
  timings: { decode: number; inference: number; post: number };
}

export type Classifier = (bytes: Uint8Array) => Promise<Classification>;

/**
 * From a photo's bytes to a calibrated, assessed result: the whole way, as worker, evaluation and benchmark share it.
 * Safe to call for several photos at once; each keeps its bytes and one decoded square in memory.
 *
 * @param runner may still be loading; decoding does not wait for it
 * @throws LesionError if the photo cannot be read; Error if the model fails
 */
export function createClassifier(manifest: ModelManifest, runner: ModelRunner | Promise<ModelRunner>): Classifier {
  const { name, version, input, classes, temperature } = manifest;
  return async (bytes) => {
    const start = performance.now();
    const { rgb, photo } = await decodeImage(bytes, input);
    const model = await runner;
    const decoded = performance.now();
    const running = model.run(rgb);
    // While the model has it: it runs in another thread, or on another machine.
    const imageQuality = { ...photo, ...measureQuality(rgb, input.width, input.height) };
    const output = await running;
    const ran = performance.now();
    const { logits, distance, modality } = output;
    const scores = { probabilities: averageProbabilities(logits, temperature), distance, modality };
    const verdict = assess(scores, imageQuality, manifest);
    const top = verdict.predictions[0];
    const heatmap =
      top && output.activation ? heatmapOf(output.activation, classes.indexOf(top.code), photo) : undefined;
    const result = { ...verdict, heatmap, imageQuality, model: { name, version } };
    const timings = { decode: decoded - start, inference: ran - decoded, post: performance.now() - ran };
    return { result, scores, timings };
  };
}
