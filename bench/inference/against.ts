import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../figure.ts';
import { root, temporaryDirectory } from '../processes.ts';
import type { Answer, Question } from './build.ts';
import { rounded, takeTurns } from './measure.ts';
import type { Photos } from './photos.ts';

const file = fileURLToPath(new URL('build.ts', import.meta.url));

/** Milliseconds of this checkout and of another one, medians of the same run. */
export type Comparison = Record<
  'small' | 'large' | 'queue' | 'session',
  { ratio: number; ours: number; theirs: number }
>;

/** Each build in a process of its own, asked in turns: a busy moment of the machine meets both. */
export async function compareBuilds(directory: string, photos: Photos, rounds: number): Promise<Comparison> {
  const { path, remove } = temporaryDirectory('photos');
  const [small, large] = [join(path, 'small.jpg'), join(path, 'large.jpg')];
  writeFileSync(small, photos.small);
  writeFileSync(large, photos.large);
  const [ours, theirs] = [await startBuild(root), await startBuild(directory)];
  try {
    const questions: Record<keyof Comparison, Question> = {
      small: { photo: small },
      large: { photo: large },
      queue: { queueOf: small, photos: 20 },
      session: { session: true },
    };
    const compared: Partial<Comparison> = {};
    for (const [name, question] of Object.entries(questions)) {
      compared[name as keyof Comparison] = await compare(ours, theirs, question, rounds);
    }
    return compared as Comparison;
  } finally {
    for (const { child } of [ours, theirs]) child.kill();
    remove();
  }
}

interface Build {
  child: ChildProcess;
  ask(question: Question): Promise<number>;
}

async function startBuild(directory: string): Promise<Build> {
  const child = fork(file, [directory], { cwd: directory, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`The build in ${directory} ended`)));
  ended.catch(() => {});
  const answered = async (): Promise<number> => {
    const answer = (await Promise.race([firstMessage(child), ended])) as Answer;
    if ('error' in answer) throw new Error(`${directory}: ${answer.error}`);
    return answer.milliseconds;
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

function firstMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve));
}

/** The children's own times: what lies between the processes does not count. */
async function compare(ours: Build, theirs: Build, question: Question, rounds: number) {
  const times = { ours: [] as number[], theirs: [] as number[] };
  await takeTurns(
    {
      ours: async () => times.ours.push(await ours.ask(question)),
      theirs: async () => times.theirs.push(await theirs.ask(question)),
    },
    rounds,
  );
  // The first of each was a warm-up.
  const [our, their] = [median(times.ours.slice(1)), median(times.theirs.slice(1))];
  return { ratio: rounded(our / their), ours: rounded(our), theirs: rounded(their) };
}
