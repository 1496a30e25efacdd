import { availableParallelism } from 'node:os';
import type { ModelManifest } from '../../core/modelManifest.ts';
import { assertFinite, type ModelOutput, type ModelRunner } from './modelRunner.ts';
import { createSessionPool } from './sessionPool.ts';
import type { OutputData, SessionInfo } from './sessionThread.ts';
import { tensorMaker } from './tensor.ts';

/**
 * Loads the model once, and once more per further core when photos queue for it.
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
  const toTensor = tensorMaker(manifest);
  const { input, outputs } = manifest;
  const wanted = [outputs.logits, outputs.activation, outputs.distance].filter((name) => name !== undefined);
  return {
    async run(rgb) {
      const results = await sessions.run(input.name, toTensor(rgb), wanted);
      return assertFinite({
        logits: logitsOf(results[outputs.logits], manifest),
        activation: outputs.activation ? mapsOf(results[outputs.activation]) : null,
        distance: outputs.distance ? (results[outputs.distance]?.data[0] ?? null) : null,
      });
    },
  };
}

function assertNames({ inputs, outputs }: SessionInfo, { input, outputs: named, file }: ModelManifest): void {
  const inputNames = inputs.map((one) => one.name);
  if (!inputNames.includes(input.name)) throw new Error(`${file} has no input "${input.name}"; it has ${inputNames}`);
  const outputNames = outputs.map((one) => one.name);
  for (const name of [named.logits, named.activation, named.distance]) {
    if (name && !outputNames.includes(name)) throw new Error(`${file} has no output "${name}"; it has ${outputNames}`);
  }
}

function logitsOf(output: OutputData | undefined, { classes, file }: ModelManifest): Float32Array {
  const logits = output?.data ?? new Float32Array();
  if (logits.length === classes.length) return logits;
  throw new Error(`${file} gives ${logits.length} logits, its manifest names ${classes.length} classes`);
}

function mapsOf(output: OutputData | undefined): ModelOutput['activation'] {
  const [, , rows = 0, columns = 0] = output?.dims ?? [];
  return output ? { data: output.data, rows, columns } : null;
}
