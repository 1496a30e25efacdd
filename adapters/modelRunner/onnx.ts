import { availableParallelism } from 'node:os';
import { type ModelManifest, viewCountOf } from '../../core/modelManifest.ts';
import { averageMaps, viewsOf } from '../../core/views.ts';
import { assertFits, type ModelRunner } from './modelRunner.ts';
import { createSessionPool } from './sessionPool.ts';
import type { OutputData, SessionInfo } from './sessionThread.ts';
import { tensorMaker } from './tensor.ts';

/**
 * Loads the model once, and once more per further core when photos queue for it. All views of a photo go through as one
 * batch, which costs less than one after the other (docs/decisions/views.md), or in a model for single photos in turn.
 *
 * @param modelFile path of the ONNX file, or the promise of one: the runtime loads meanwhile
 * @param cores how many photos may be in the model at once
 * @throws Error if the file is no model, or lacks an input or output that the manifest names
 */
export async function createOnnxRunner(
  modelFile: string | Promise<string>,
  manifest: ModelManifest,
  cores = availableParallelism(),
): Promise<ModelRunner> {
  const sessions = await createSessionPool(modelFile, cores);
  try {
    assertNames(sessions.info, manifest);
  } catch (error) {
    sessions.stop();
    throw error;
  }
  const { input, outputs, file } = manifest;
  const views = viewCountOf(manifest);
  const batch = takesBatches(sessions.info, input.name) ? views : 1;
  const toTensor = tensorMaker(manifest, batch);
  const wanted = namesOf(outputs);
  const perRun = batch * input.width * input.height * 3;
  return {
    async run(rgb) {
      const pixels = viewsOf(rgb, input.width, views);
      const runs: Record<string, OutputData>[] = [];
      for (let from = 0; from < pixels.length; from += perRun) {
        runs.push(await sessions.run(input.name, toTensor(pixels.subarray(from, from + perRun)), wanted));
      }
      const logits = joined(runs, outputs.logits);
      const maps = joined(runs, outputs.activation);
      const [, , rows = 0, columns = 0] = runs[0]?.[outputs.activation ?? '']?.dims ?? [];
      const output = {
        logits: Array.from({ length: views }, (_, view) => rowOf(logits ?? new Float32Array(), view, views)),
        activation: maps && averageMaps(maps, { rows, columns }, views),
        distance: meanOf(joined(runs, outputs.distance), views),
        modality: meanOf(joined(runs, outputs.modality), views),
      };
      return assertFits(output, manifest, file);
    },
  };
}

function namesOf({ logits, activation, distance, modality }: ModelManifest['outputs']): string[] {
  return [logits, activation, distance, modality].filter((name) => name !== undefined);
}

function assertNames({ inputs, outputs }: SessionInfo, { input, outputs: named, file }: ModelManifest): void {
  const inputNames = inputs.map((one) => one.name);
  if (!inputNames.includes(input.name)) throw new Error(`${file} has no input "${input.name}"; it has ${inputNames}`);
  const outputNames = outputs.map((one) => one.name);
  for (const name of namesOf(named)) {
    if (!outputNames.includes(name)) throw new Error(`${file} has no output "${name}"; it has ${outputNames}`);
  }
}

/** Its first dimension is open: a number there would be the only batch that it takes. */
function takesBatches({ inputs }: SessionInfo, name: string): boolean {
  const size = inputs.find((input) => input.name === name)?.shape[0];
  return typeof size === 'string' || (size !== undefined && size < 0);
}

/** An output of all runs, one after the other; null if the model has none of that name. */
function joined(runs: readonly Record<string, OutputData>[], name: string | undefined): Float32Array | null {
  if (name === undefined) return null;
  const parts = runs.map((run) => run[name]?.data ?? new Float32Array());
  if (parts.length === 1) return parts[0] ?? null;
  return Float32Array.from(parts.flatMap((part) => Array.from(part)));
}

function rowOf(data: Float32Array, view: number, views: number): Float32Array {
  const length = data.length / views;
  return data.subarray(view * length, (view + 1) * length);
}

/** @throws Error if it is not one number per view */
function meanOf(data: Float32Array | null, views: number): number | null {
  if (!data) return null;
  if (data.length !== views) throw new Error(`The model returned ${data.length} numbers for ${views} views`);
  return data.reduce((sum, value) => sum + value, 0) / views;
}
