import fc from 'fast-check';
import { vi } from 'vitest';
import { isTerminal } from '../../core/request.ts';
import { requestIdFor } from '../../resolvers/submission.ts';
import { asProcess, createTurns, type Misfortune } from './actors.ts';
import { LEASE, type QueueName, VISIBILITY } from './engines.ts';
import { GOOD_PHOTO, OWNER, type World } from './world.ts';

/** The three requests that a history is about. */
const cases = [
  { clientToken: '00000000-0000-4000-8000-000000000000', describe: false, photo: GOOD_PHOTO },
  { clientToken: '00000000-0000-4000-8000-000000000001', describe: true, photo: GOOD_PHOTO },
  { clientToken: '00000000-0000-4000-8000-000000000002', describe: false, photo: 'no photo' },
];

export type Case = (typeof cases)[number] & { requestId: string; imageKey: string };

interface Act {
  what: string;
  /** Index of a case, where it is about one. */
  of: number;
  misfortune: Misfortune;
}

export interface Step {
  /** Acts beside each other; `turns` says whose call to AWS is next. */
  together: Act[];
  turns: number[];
  /** All queues are emptied afterwards. */
  loseQueues: boolean;
  thenWaitSeconds: number;
}

/** What one act answered: its GraphQL answer, or nothing if its process died. */
export interface Outcome {
  what: string;
  of: Case;
  succeeded: boolean;
}

export interface Played {
  cases: Case[];
  outcomes: Outcome[];
}

const CALLS = 12;
const anyCall = fc.integer({ min: 1, max: CALLS });
const anyMisfortune: fc.Arbitrary<Misfortune> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Misfortune>({ kind: 'none' }) },
  { weight: 4, arbitrary: anyCall.map((call): Misfortune => ({ kind: 'dies after', call })) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fails'), call: anyCall, done: fc.boolean() }) },
  { weight: 1, arbitrary: anyCall.map((call): Misfortune => ({ kind: 'sent twice', call })) },
);

type Run = (world: World, about: Case) => Promise<unknown>;

const deliver =
  (name: QueueName): Run =>
  (world) =>
    world.deliver(name);

const nudge =
  (name: QueueName): Run =>
  (world, { requestId }) =>
    world.nudge(name, requestId);

const acts: Record<string, { weight: number; run: Run }> = {
  submit: {
    weight: 4,
    run: (world, { clientToken, describe, imageKey }) => world.submit({ clientToken, describe, imageKey }),
  },
  cancel: { weight: 4, run: (world, { requestId }) => world.cancel(requestId) },
  remove: { weight: 3, run: (world, { requestId }) => world.remove(requestId) },
  retry: { weight: 5, run: (world, { requestId }) => world.retry(requestId) },
  infer: { weight: 12, run: deliver('inference') },
  describe: { weight: 6, run: deliver('enrichment') },
  'bury inference': { weight: 4, run: deliver('inference-dead') },
  'bury enrichment': { weight: 1, run: deliver('enrichment-dead') },
  sweep: { weight: 2, run: (world) => world.sweep(false) },
  'sweep all': { weight: 1, run: (world) => world.sweep(true) },
  'second message': { weight: 2, run: nudge('inference') },
  'tries used up': { weight: 2, run: nudge('inference-dead') },
};

const anyAct: fc.Arbitrary<Act> = fc.record({
  what: fc.oneof(...Object.entries(acts).map(([what, { weight }]) => ({ weight, arbitrary: fc.constant(what) }))),
  of: fc.nat({ max: cases.length - 1 }),
  misfortune: anyMisfortune,
});

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

const anyWait = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.constant(VISIBILITY + 1) },
  { weight: 1, arbitrary: fc.constantFrom(LEASE + 1, 16 * MINUTE, 76 * MINUTE, DAY) },
);
const anyTurns = fc.array(fc.nat({ max: 3 }), { maxLength: 30, size: 'max' });
const anyStep = fc.record({
  together: fc.array(anyAct, { minLength: 1, maxLength: 4, size: 'max' }),
  turns: anyTurns,
  loseQueues: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  thenWaitSeconds: anyWait,
});
const submitEach = fc.tuple(
  ...cases.map((_, of) => anyMisfortune.map((misfortune) => ({ what: 'submit', of, misfortune }))),
);

export const anyHistory: fc.Arbitrary<Step[]> = fc
  .tuple(submitEach, anyStep, fc.array(anyStep, { maxLength: 12 }))
  .map(([submits, first, rest]) => [{ ...first, together: [...submits, ...first.together] }, ...rest]);

/** Plays the steps in a world that is empty at first, and lets the product come to rest. */
export async function play(world: World, steps: Step[]): Promise<Played> {
  await world.startAfresh();
  const played: Played = { cases: [], outcomes: [] };
  for (const one of cases) {
    const imageKey = await world.upload(OWNER, one.photo);
    played.cases.push({ ...one, imageKey, requestId: requestIdFor(OWNER, one.clientToken) });
  }
  for (const step of steps) {
    await runTogether(world, step, played);
    if (step.loseQueues) await world.loseQueues();
    wait(step.thenWaitSeconds);
  }
  await comeToRest(world);
  return played;
}

async function runTogether(world: World, step: Step, played: Played): Promise<void> {
  const turns = createTurns(step.turns);
  const processes = step.together.map(async ({ what, of, misfortune }) => {
    const about = played.cases[of]!;
    const answer = await asProcess(turns, misfortune, async () => acts[what]?.run(world, about));
    const succeeded = typeof answer === 'object' && answer !== null && 'data' in answer;
    played.outcomes.push({ what, of: about, succeeded });
  });
  await turns.run(processes);
}

/** Hours without faults, in which the schedule runs as it does in the cloud. */
async function comeToRest(world: World): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await deliverAll(world);
    if ((await world.countMessages()) === 0 && (await isSettled(world))) return;
    wait(16 * MINUTE);
    await world.sweep(false);
  }
}

async function deliverAll(world: World): Promise<void> {
  const names = ['inference', 'enrichment', 'inference-dead', 'enrichment-dead'] as const;
  for (let received = 1; received > 0; ) {
    received = 0;
    for (const name of names) received += await world.deliver(name);
  }
}

/** Every request has ended, and there is nothing left to do about it before the retry of a FAILED one is over. */
async function isSettled(world: World): Promise<boolean> {
  const latest = new Map((await world.history()).map(({ after }) => [after?.requestId, after]));
  return [...latest.values()].every((request) => {
    if (!request || (request.status === 'FAILED' && request.error.retryable)) return true;
    return isTerminal(request.status) && !('dueAt' in request);
  });
}

/** What was kept for a retry is forgotten. */
export async function letADayGoBy(world: World): Promise<void> {
  wait(DAY);
  // Each minute in truth; the second sees to what the first one failed to do.
  for (let run = 0; run < 2; run++) await world.sweep(false);
}

function wait(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}
