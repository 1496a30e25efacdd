import type { LesionClient } from '../../client/lesionClient.ts';
import type { Request } from '../../client/request.ts';
import { readModelDirectory, referenceModel } from '../../models/modelDirectory.ts';
import { type BenchCloud, photo, settle } from '../benchCloud.ts';
import { type Effort, type Figure, median, medianFigure } from '../figure.ts';
import { barePipeline } from '../inference/pipelines.ts';

const WARM_UP = 4;

interface Samples {
  bare: number[];
  /** From the mutation on: the photo is uploaded already. */
  submitted: number[];
  /** From the photo's bytes on: upload, mutation and all. */
  classified: number[];
  /** The worker's own account of the time, by stage. */
  stages: Record<string, number[]>;
}

/** From submit to COMPLETED at the client, without a description, one photo at a time. */
export async function measureSubmissions(bench: BenchCloud, effort: Effort): Promise<Figure[]> {
  const count = effort === 'quick' ? 3 : 30;
  const bare = await bareClassification();
  // Two users, for each may submit 60 photos a minute.
  const submitter = bench.clientOf('submitter');
  const classifier = bench.clientOf('classifier');
  const releases = [await submitter.listen(), await classifier.listen()];
  const samples: Samples = { bare: [], submitted: [], classified: [], stages: {} };
  for (let round = -WARM_UP; round < count; round++) {
    await settle();
    const bareTime = await timed(bare);
    const { milliseconds, request } = await submitOne(submitter);
    await settle();
    const classifyTime = await timed(() => classifier.classify(photo));
    if (round < 0) continue;
    samples.bare.push(bareTime);
    samples.submitted.push(milliseconds);
    samples.classified.push(classifyTime);
    addStages(samples.stages, request);
  }
  for (const release of releases) release();
  return figuresOf(samples);
}

async function bareClassification(): Promise<() => Promise<unknown>> {
  const { manifest, modelFile } = readModelDirectory(referenceModel);
  const { decode, run } = await barePipeline(modelFile, manifest);
  const bytes = Buffer.from(photo);
  return async () => run(await decode(bytes));
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

async function submitOne(client: LesionClient): Promise<{ milliseconds: number; request: Request }> {
  const imageKey = await client.upload(photo);
  await settle();
  const start = performance.now();
  let request = await client.submitKey(imageKey);
  for await (const update of client.watch(request.requestId, { reads: false })) request = update.request;
  const milliseconds = performance.now() - start;
  if (request.status !== 'COMPLETED') throw new Error(`A request of the benchmark ended ${request.status}`);
  return { milliseconds, request };
}

function addStages(stages: Samples['stages'], { timings }: Request): void {
  for (const [stage, milliseconds] of Object.entries(timings ?? {})) {
    if (typeof milliseconds !== 'number') continue;
    stages[stage] ??= [];
    stages[stage].push(milliseconds);
  }
}

function figuresOf({ bare, submitted, classified, stages }: Samples): Figure[] {
  const reference = { what: 'bare decode + run', value: median(bare) };
  const hold = { text: '≤ bare + 120 ms', limit: reference.value + 120 };
  return [
    medianFigure('submit → COMPLETED, warm, from the mutation on', 'ms', submitted, { reference, hold }),
    medianFigure('submit → COMPLETED, warm, upload included', 'ms', classified, { reference, hold }),
    ...Object.entries(stages).map(([stage, samples]) =>
      medianFigure(`of it, by the worker's account: ${stage}`, 'ms', samples, { detail: true }),
    ),
  ];
}
