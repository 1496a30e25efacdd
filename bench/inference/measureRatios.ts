import type { Classifier } from '../../classifier/classifier.ts';
import type { ModelManifest } from '../../core/modelManifest.ts';
import { median } from '../figure.ts';
import { quietestHalf, rounded, takeTurns, timed, whileOthersUse } from './measure.ts';
import type { Photos } from './photos.ts';
import { barePipeline, plainPipeline } from './pipelines.ts';
import { concurrency, photosAtOnce } from './queue.ts';

export interface WarmFigures {
  /** Milliseconds, medians. `fetch` is a copy of the bytes, for there is no network here. */
  stages: Record<keyof Photos, { fetch: number; decode: number; run: number; post: number }>;
  ratioWarm: { ratio: number; classifier: number; bareDecode: number; bareRun: number };
  ratio12MP: { ratio: number; large: number; small: number };
  /** The plain way against ours, one photo at a time. */
  plain: Record<keyof Photos, { ratio: number; plain: number; classifier: number }>;
}

export async function measureWarm(
  classify: Classifier,
  modelFile: string,
  manifest: ModelManifest,
  photos: Photos,
  rounds: number,
): Promise<WarmFigures> {
  const bare = await barePipeline(modelFile, manifest);
  const plain = await plainPipeline(modelFile, manifest);
  const rgb = await bare.decode(photos.small);
  const stages = { small: new StageTimes(), large: new StageTimes() };
  const times = await takeTurns(
    {
      small: () => stages.small.of(photos.small, classify),
      bareDecode: () => bare.decode(photos.small),
      bareRun: () => bare.run(rgb),
      large: () => stages.large.of(photos.large, classify),
    },
    rounds,
  );
  // By itself: the threads of a session with defaults spin for a while after each run, in the way of what comes next.
  const plainTimes = await takeTurns({ small: () => plain(photos.small), large: () => plain(photos.large) }, rounds);
  const [small, large] = [median(times.small), median(times.large)];
  const [bareDecode, bareRun] = [median(times.bareDecode), median(times.bareRun)];
  const [plainSmall, plainLarge] = [median(plainTimes.small), median(plainTimes.large)];
  return roundAll({
    stages: { small: stages.small.medians(), large: stages.large.medians() },
    ratioWarm: { ratio: small / (bareDecode + bareRun), classifier: small, bareDecode, bareRun },
    ratio12MP: { ratio: large / small, large, small },
    plain: {
      small: { ratio: plainSmall / small, plain: plainSmall, classifier: small },
      large: { ratio: plainLarge / large, plain: plainLarge, classifier: large },
    },
  });
}

export interface QueueFigures {
  ratio: number;
  /** Milliseconds per photo of a queue. */
  perImage: number;
  bareDecode: number;
  bareRun: number;
  photosAtOnce: number;
  /** Cores that other processes used in the rounds that count. */
  othersUsed: number;
}

/**
 * Rounds of a queue and of the bare work in turns. Only the quietest half of them counts, by what other processes used
 * and not by the outcome.
 */
export async function measureQueue(
  classify: Classifier,
  modelFile: string,
  manifest: ModelManifest,
  photo: Buffer,
  rounds: number,
): Promise<QueueFigures> {
  const bare = await barePipeline(modelFile, manifest);
  const rgb = await bare.decode(photo);
  const photos = new Array<Buffer>(40).fill(photo);
  await photosAtOnce(photos, classify);
  const measured = [];
  for (let round = 0; round < rounds; round++) {
    let [perImage, bareDecode, bareRun] = [0, 0, 0];
    const othersUsed = await whileOthersUse(async () => {
      perImage = (await timed(() => photosAtOnce(photos, classify))) / photos.length;
      bareDecode = await timedPerCall(20, () => bare.decode(photo));
      bareRun = await timedPerCall(20, () => bare.run(rgb));
      return 0;
    });
    measured.push({ perImage, bareDecode, bareRun, othersUsed });
  }
  const quiet = quietestHalf(measured);
  const of = (name: keyof (typeof quiet)[number]) => median(quiet.map((one) => one[name]));
  const ratio = median(quiet.map((one) => one.perImage / ((one.bareDecode + one.bareRun) / 2)));
  const parts = { perImage: of('perImage'), bareDecode: of('bareDecode'), bareRun: of('bareRun') };
  return roundAll({ ratio, ...parts, photosAtOnce: concurrency, othersUsed: of('othersUsed') });
}

class StageTimes {
  private readonly times: { fetch: number; decode: number; run: number; post: number }[] = [];

  async of(photo: Buffer, classify: Classifier): Promise<void> {
    const start = performance.now();
    const bytes = Uint8Array.from(photo);
    const fetch = performance.now() - start;
    const { timings } = await classify(bytes);
    this.times.push({ fetch, decode: timings.decode, run: timings.inference, post: timings.post });
  }

  medians() {
    const of = (stage: keyof (typeof this.times)[number]) => median(this.times.map((one) => one[stage]));
    return { fetch: of('fetch'), decode: of('decode'), run: of('run'), post: of('post') };
  }
}

async function timedPerCall(calls: number, task: () => Promise<unknown>): Promise<number> {
  const total = await timed(async () => {
    for (let call = 0; call < calls; call++) await task();
  });
  return total / calls;
}

/** Every number to a microsecond or a thousandth. */
function roundAll<Figures extends object>(figures: Figures): Figures {
  return JSON.parse(JSON.stringify(figures, (_, value) => (typeof value === 'number' ? rounded(value) : value)));
}
