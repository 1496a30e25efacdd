import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createOnnxRunner } from '../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../classifier/classifier.ts';
import { readModelDirectory, referenceModel } from '../models/modelDirectory.ts';
import { compareBuilds } from './inference/against.ts';
import { measureColdStart } from './inference/cold.ts';
import { rounded } from './inference/measure.ts';
import { measureQueue, measureWarm } from './inference/measureRatios.ts';
import { watchMemory } from './inference/memory.ts';
import { makePhotos } from './inference/photos.ts';
import { printComparison, printInference } from './inference/print.ts';
import { runNode } from './processes.ts';

const sample = fileURLToPath(new URL('../samples/synthetic-lesion.jpg', import.meta.url));

/**
 * `npm run bench -- inference [--json] [--rounds N] [--flat IMAGES] [--against DIR]`: what the worker adds to bare decode
 * and bare runs. With `--flat` only the memory, every 500 images; with `--against` only this checkout beside another one.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      rounds: { type: 'string', default: '60' },
      flat: { type: 'string' },
      against: { type: 'string' },
    },
  });
  if (values.flat) return await watchMemory(Number(values.flat), (line) => console.log(JSON.stringify(line)));
  if (values.against) {
    const compared = await compareBuilds(resolve(values.against), await makePhotos(), Number(values.rounds));
    return console.log(values.json ? JSON.stringify(compared) : printComparison(compared));
  }
  const figures = await measure(Number(values.rounds));
  console.log(values.json ? JSON.stringify(figures) : printInference(figures));
}

export type InferenceFigures = Awaited<ReturnType<typeof measure>>;

async function measure(rounds: number) {
  const { manifest, modelFile } = readModelDirectory(referenceModel);
  const photos = await makePhotos();
  const cold = await measureColdStart(referenceModel, { manifest, modelFile }, sample, Math.ceil(rounds / 4));
  const peakMegabytes = await measurePeak();
  const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));
  const warm = await measureWarm(classify, modelFile, manifest, photos, rounds);
  const ratioQueue = await measureQueue(classify, modelFile, manifest, photos.small, Math.ceil(rounds / 3));
  const { ratioWarm, ratio12MP, stages } = warm;
  // The plain way takes one photo after the other, so in a queue each costs what it costs alone.
  const [plainEach, ours] = [warm.plain.small.plain, ratioQueue.perImage];
  const plain = { ...warm.plain, queue: { ratio: rounded(plainEach / ours), plain: plainEach, classifier: ours } };
  return { ratioWarm, ratioQueue, ratio12MP, ratioCold: cold, stages, plain, peakMegabytes };
}

/** A process of its own: here the reference sessions and the making of the photos would count. */
async function measurePeak(): Promise<number> {
  const { stdout } = await runNode([fileURLToPath(new URL('inference/peakMemory.ts', import.meta.url)), sample]);
  return Number(stdout);
}
