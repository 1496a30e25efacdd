/**
 * `node bench/inference/build.ts DIR`, as a child: the classifier of the checkout in DIR, asked over IPC. Answers with
 * milliseconds, an error as text.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { timed } from './measure.ts';
import { photosAtOnce } from './queue.ts';

export type Question = { photo: string } | { queueOf: string; photos: number } | { session: true };
export type Answer = { milliseconds: number } | { error: string };

const directory = process.argv[2] ?? '';

/** The first of these that the checkout has: files have moved. */
async function load(...paths: string[]) {
  const path = paths.map((one) => join(directory, one)).find(existsSync);
  if (!path) throw new Error(`${directory} has none of ${paths.join(', ')}`);
  return await import(pathToFileURL(path).href);
}

const { createClassifier } = await load('classifier/classifier.ts', 'workers/inference/classifier.ts');
const { createOnnxRunner } = await load('adapters/modelRunner/onnx.ts');
const { readModelDirectory, referenceModel } = await load(
  'models/modelDirectory.ts',
  'scripts/model/modelDirectory.ts',
);
const { createSessionPool } = await load('adapters/modelRunner/sessionPool.ts');
const { manifest, modelFile } = readModelDirectory(referenceModel);
const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));

/** In a thread that is up already, and has the runtime loaded: the second pool takes it. */
async function timeOfSession(): Promise<number> {
  const pools = [await createSessionPool(modelFile, 1)];
  const milliseconds = await timed(async () => pools.push(await createSessionPool(modelFile, 1)));
  for (const pool of pools) pool.stop();
  return milliseconds;
}

async function answer(question: Question): Promise<Answer> {
  if ('session' in question) return { milliseconds: await timeOfSession() };
  if ('photo' in question) {
    const photo = readFileSync(question.photo);
    return { milliseconds: await timed(() => classify(photo)) };
  }
  const photos = new Array<Buffer>(question.photos).fill(readFileSync(question.queueOf));
  return { milliseconds: (await timed(() => photosAtOnce(photos, classify))) / photos.length };
}

process.on('message', (question: Question) => {
  answer(question).then(
    (milliseconds) => process.send?.(milliseconds),
    (error: unknown) => process.send?.({ error: String(error) } satisfies Answer),
  );
});
process.send?.({ milliseconds: 0 } satisfies Answer);
