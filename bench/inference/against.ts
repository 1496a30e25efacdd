import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../figure.ts';
import { root, temporaryDirectory } from '../processes.ts';
import type { Answer, Question } from './build.ts';
import { quietestHalf, rounded, whileOthersUse } from './measure.ts';
import type { Photos } from './photos.ts';

const file = fileURLToPath(new URL('build.ts', import.meta.url));

/** Milliseconds, medians of the quietest half of the rounds, and of the CPU time of all rounds. */
export interface Compared {
  ratio: number;
  ours: number;
  theirs: number;
  cpuRatio: number;
  /** Cores that other processes used in the rounds that count. */
  othersUsed: number;
}

/** This checkout and another one, in the same run. */
export type Comparison = Record<'small' | 'large' | 'queue' | 'session', Compared>;

/**
 * Each build in a process of its own, asked in turns: a busy moment of the machine meets both.
 *
 * @param directory of the other checkout
 * @throws Error if it is none, or one of the two fails
 */
export async function compareBuilds(directory: string, photos: Photos, rounds: number): Promise<Comparison> {
  if (!existsSync(join(directory, 'node_modules'))) {
    throw new Error(`${directory} is no checkout with its node_modules installed`);
  }
  const { path, remove } = temporaryDirectory('photos');
  const [small, large] = [join(path, 'small.jpg'), join(path, 'large.jpg')];
  writeFileSync(small, photos.small);
  writeFileSync(large, photos.large);
  const builds = [await startBuild(root), await startBuild(directory)] as const;
  try {
    return {
      small: await compare(builds, { photo: small }, rounds),
      large: await compare(builds, { photo: large }, rounds),
      queue: await compare(builds, { queueOf: small, photos: 20 }, rounds),
      session: await compare(builds, { session: true }, rounds),
    };
  } finally {
    for (const { child } of builds) child.kill();
    remove();
  }
}

interface Times {
  milliseconds: number;
  cpu: number;
}

interface Round extends Record<'ours' | 'theirs', Times[]> {
  othersUsed: number;
}

interface Build {
  child: ChildProcess;
  ask(question: Question): Promise<Times>;
}

async function startBuild(directory: string): Promise<Build> {
  const child = fork(file, [directory], { cwd: directory, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`The build in ${directory} ended`)));
  ended.catch(() => {});
  const answered = async (): Promise<Times> => {
    const message = new Promise((resolve) => child.once('message', resolve));
    const answer = (await Promise.race([message, ended])) as Answer;
    if ('error' in answer) throw new Error(`${directory}: ${answer.error}`);
    return answer;
  };
  await answered();
  return {
    child,
    async ask(question) {
      const answer = answered();
      child.send(question);
      return await answer;
    },
  };
}

/** How often each is asked in a round: what others used of the machine is told in hundredths of a second. */
const asks = 4;

/** The children's own times: what lies between the processes does not count. */
async function compare([ours, theirs]: readonly [Build, Build], question: Question, rounds: number): Promise<Compared> {
  for (const build of [ours, theirs]) await build.ask(question);
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const times = { ours: [] as Times[], theirs: [] as Times[] };
    const othersUsed = await whileOthersUse(async () => {
      for (let ask = 0; ask < asks; ask++) {
        times.ours.push(await ours.ask(question));
        times.theirs.push(await theirs.ask(question));
      }
      return [...times.ours, ...times.theirs].reduce((sum, { cpu }) => sum + cpu, 0);
    });
    measured.push({ othersUsed, ...times });
  }
  const quiet = quietestHalf(measured);
  const of = (rows: Round[], build: 'ours' | 'theirs', what: keyof Times) =>
    median(rows.flatMap((round) => round[build].map((times) => times[what])));
  const [our, their] = [of(quiet, 'ours', 'milliseconds'), of(quiet, 'theirs', 'milliseconds')];
  return {
    ratio: rounded(our / their),
    ours: rounded(our),
    theirs: rounded(their),
    cpuRatio: rounded(of(measured, 'ours', 'cpu') / of(measured, 'theirs', 'cpu')),
    othersUsed: rounded(median(quiet.map((round) => round.othersUsed))),
  };
}
