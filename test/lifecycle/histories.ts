import fc from 'fast-check';
import { vi } from 'vitest';
import { isTerminal } from '../../core/lifecycle.ts';
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
  /** Turns that it lets go by before it begins. */
  late: number;
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

/** @param weightOfNone beside 6 of the others */
function anyMisfortune(weightOfNone: number): fc.Arbitrary<Misfortune> {
  return fc.oneof(
    { weight: weightOfNone, arbitrary: fc.constant<Misfortune>({ kind: 'none' }) },
    { weight: 4, arbitrary: anyCall.map((call): Misfortune => ({ kind: 'dies after', call })) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('fails'), call: anyCall, done: fc.boolean() }) },
    { weight: 1, arbitrary: anyCall.map((call): Misfortune => ({ kind: 'sent twice', call })) },
  );
}

type Run = (world: World, about: Case) => Promise<unknown>;

const deliver =
  (name: QueueName): Run =>
  (world) =>
    world.deliver(name);

const nudge =
  (name: QueueName): Run =>
  (world, { requestId }) =>
    world.nudge(name, requestId);

type Acts = Record<string, { weight: number; run: Run }>;

/** What the cloud does of itself. */
const work: Acts = {
  infer: { weight: 6, run: deliver('inference') },
  describe: { weight: 3, run: deliver('enrichment') },
  'bury inference': { weight: 2, run: deliver('inference-dead') },
  'bury enrichment': { weight: 1, run: deliver('enrichment-dead') },
  sweep: { weight: 1, run: (world) => world.sweep(false) },
};

/** What others do meanwhile. */
const meddling: Acts = {
  submit: {
    weight: 4,
    run: (world, { clientToken, describe, imageKey }) => world.submit({ clientToken, describe, imageKey }),
  },
  cancel: { weight: 6, run: (world, { requestId }) => world.cancel(requestId) },
  remove: { weight: 4, run: (world, { requestId }) => world.remove(requestId) },
  retry: { weight: 4, run: (world, { requestId }) => world.retry(requestId) },
  'sweep all': { weight: 1, run: (world) => world.sweep(true) },
  'second message': { weight: 2, run: nudge('inference') },
  'tries used up': { weight: 2, run: nudge('inference-dead') },
};

const actsByName: Acts = { ...work, ...meddling };

function anyActOf(acts: Acts, weightOfNone = 6): fc.Arbitrary<Act> {
  const names = Object.entries(acts).map(([what, { weight }]) => ({ weight, arbitrary: fc.constant(what) }));
  return fc.record({
    what: fc.oneof(...names),
    of: fc.nat({ max: cases.length - 1 }),
    late: fc.nat({ max: 8 }),
    misfortune: anyMisfortune(weightOfNone),
  });
}

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

const anyWait = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.constant(VISIBILITY + 1) },
  { weight: 1, arbitrary: fc.constantFrom(LEASE + 1, 16 * MINUTE, 76 * MINUTE, DAY) },
);
const anyTurns = fc.array(fc.nat({ max: 3 }), { maxLength: 30, size: 'max' });
const anyMeddling = fc.array(anyActOf(meddling, 18), { maxLength: 2, size: 'max' });
const anyWork = fc.array(anyActOf(work), { minLength: 1, maxLength: 2 });
const submitEach = fc.tuple(
  ...cases.map((_, of) => anyActOf({ submit: meddling.submit! }, 18).map((act) => ({ ...act, of }))),
);
const inferOnce = fc.tuple(anyActOf({ infer: work.infer! }));

function stepOf(acts: fc.Arbitrary<Act[]>): fc.Arbitrary<Step> {
  return fc.record({
    together: fc.tuple(acts, anyMeddling).map((both) => both.flat()),
    turns: anyTurns,
    loseQueues: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    thenWaitSeconds: anyWait,
  });
}

/** Submitted, taken up once, and then whatever may be. */
export const anyHistory: fc.Arbitrary<Step[]> = fc
  .tuple(stepOf(submitEach), stepOf(inferOnce), fc.array(stepOf(anyWork), { maxLength: 10 }))
  .map(([submitting, inferring, rest]) => [submitting, inferring, ...rest]);

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
  const turns = createTurns(step.turns, () => wait(0.001));
  const processes = step.together.map(async ({ what, of, late, misfortune }) => {
    const about = played.cases[of]!;
    for (let turn = 0; turn < late; turn++) await turns.wait(async () => {});
    const answer = await asProcess(turns, misfortune, async () => actsByName[what]?.run(world, about));
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
