import { setTimeout as sleep } from 'node:timers/promises';
import { createOnnxRunner } from '../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../classifier/classifier.ts';
import type { Result } from '../core/request.ts';
import { readModelDirectory, referenceModel } from '../models/modelDirectory.ts';
import { photo } from './benchCloud.ts';
import { type Effort, type Figure, median, medianFigure } from './figure.ts';
import { type HistoryStore, OPEN_REQUESTS, OWNER, pending, startHistoryStore } from './history/historyStore.ts';

const SHORT = 1_000;
const LONG: Record<Effort, number> = { quick: 2_000, normal: 20_000, full: 100_000 };
const ROUNDS: Record<Effort, number> = { quick: 20, normal: 300, full: 300 };
const WARM_UP = 20;
/** LevelDB goes on tidying up after the last write of a fill. */
const TIDY_MS = 3_000;

const OPERATIONS: Record<string, (history: HistoryStore) => Promise<unknown>> = {
  get: ({ store, places }) => store.get(anyOf(places).requestId),
  'list, first page of 20': ({ store }) => store.listByOwner(OWNER, 20, null),
  'list, any page of 20': ({ store, places }) => store.listByOwner(OWNER, 20, anyOf(places)),
  [`listDue, finds ${OPEN_REQUESTS}`]: async ({ store }) => {
    for await (const _ of store.listDue(new Date().toISOString()));
  },
  create: ({ store }) => store.create(pending(new Date())),
  change: ({ store, places }) =>
    store.change(anyOf(places).requestId, (request) => ({ ...request, version: request.version + 1 })),
};

/** Every read and write of the request store on the embedded DynamoDB, on a long history and a short one in turns. */
export async function measureHistory(effort: Effort): Promise<Figure[]> {
  const result = await aResult();
  const short = await startHistoryStore(SHORT, result);
  const long = await startHistoryStore(LONG[effort], result);
  try {
    await sleep(TIDY_MS);
    const figures: Figure[] = [];
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      const times = await inTurns(
        () => operation(short),
        () => operation(long),
        ROUNDS[effort],
      );
      figures.push(figureOf(`${name}, among ${LONG[effort].toLocaleString('en')} requests`, times));
    }
    return figures;
  } finally {
    await short.stop();
    await long.stop();
  }
}

/** What the model says of the sample: an item of the size that real ones have. */
async function aResult(): Promise<Result> {
  const { manifest, modelFile } = readModelDirectory(referenceModel);
  const { result, timings } = await createClassifier(manifest, createOnnxRunner(modelFile, manifest))(photo);
  const { decode, inference } = timings;
  return { ...result, timings: { queued: 10, fetch: 5, decode, inference, total: 50 } };
}

interface Times {
  short: number[];
  long: number[];
}

/** First the one, then the other, with the order changed each time. */
async function inTurns(
  onShort: () => Promise<unknown>,
  onLong: () => Promise<unknown>,
  rounds: number,
): Promise<Times> {
  const times: Times = { short: [], long: [] };
  for (let round = -WARM_UP; round < rounds; round++) {
    const turns = [
      async () => times.short.push(await timed(onShort)),
      async () => times.long.push(await timed(onLong)),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
    if (round === -1) Object.assign(times, { short: [], long: [] });
  }
  return times;
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

function figureOf(figure: string, { short, long }: Times): Figure {
  const reference = { what: `among ${SHORT.toLocaleString('en')}`, value: median(short) };
  return medianFigure(figure, 'ms', long, { reference, hold: { text: '≤ 1.2 ×', limit: 1.2 * reference.value } });
}

function anyOf<Item>(items: readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('The history is empty');
  return item;
}
