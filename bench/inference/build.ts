/**
 * `node bench/inference/build.ts DIR`, as a child: the classifier of the checkout in DIR, asked over IPC. Answers with
 * milliseconds, or an error as text.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { timed } from './measure.ts';
import { photosAtOnce } from './queue.ts';

export type Question = { photo: string } | { queueOf: string; photos: number } | { session: true };
/** `cpu`: milliseconds of all threads. */
export type Answer = { milliseconds: number; cpu: number } | { error: string };

const directory = process.argv[2] ?? '';

/** The first of these that the checkout has: files have moved. */
async function load<Module>(...paths: string[]): Promise<Module> {
  const path = paths.map((one) => join(directory, one)).find(existsSync);
  if (!path) throw new Error(`${directory} has none of ${paths.join(', ')}`);
  return (await import(pathToFileURL(path).href)) as Module;
}

type Models = typeof import('../../models/modelDirectory.ts');
const models = await load<Models>('models/modelDirectory.ts', 'scripts/model/modelDirectory.ts');
type Classify = typeof import('../../classifier/classifier.ts');
const { createClassifier } = await load<Classify>('classifier/classifier.ts', 'workers/inference/classifier.ts');
type Onnx = typeof import('../../adapters/modelRunner/onnx.ts');
const { createOnnxRunner } = await load<Onnx>('adapters/modelRunner/onnx.ts');
type Pool = typeof import('../../adapters/modelRunner/sessionPool.ts');
const { createSessionPool } = await load<Pool>('adapters/modelRunner/sessionPool.ts');

const { manifest, modelFile } = models.readModelDirectory(models.referenceModel);
const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));

/** With what a session's thread needs to come up. */
async function timeOfSession(): Promise<number> {
  const pools: { stop(): void }[] = [];
  const milliseconds = await timed(async () => pools.push(await createSessionPool(modelFile, 1)));
  for (const pool of pools) pool.stop();
  return milliseconds;
}

async function answer(question: Question): Promise<number> {
  if ('session' in question) return await timeOfSession();
  if ('photo' in question) {
    const photo = readFileSync(question.photo);
    return await timed(() => classify(photo));
  }
  const photos = new Array<Buffer>(question.photos).fill(readFileSync(question.queueOf));
  return (await timed(() => photosAtOnce(photos, classify))) / photos.length;
}

const reply = (what: Answer) => process.send?.(what);

process.on('message', (question: Question) => {
  const before = process.cpuUsage();
  answer(question).then(
    (milliseconds) => {
      const { user, system } = process.cpuUsage(before);
      reply({ milliseconds, cpu: (user + system) / 1000 });
    },
    (error: unknown) => reply({ error: String(error) }),
  );
});
reply({ milliseconds: 0, cpu: 0 });
