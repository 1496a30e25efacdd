import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { interceptAws } from './actors.ts';
import { anyHistory, letADayGoBy, play } from './histories.ts';
import { brokenPromises, leftAfterADay } from './promises.ts';
import { openWorld, type World } from './world.ts';

/** Histories; LIFECYCLE_RUNS for more. A counterexample comes again by LIFECYCLE_SEED and LIFECYCLE_PATH. */
const { LIFECYCLE_RUNS: runs, LIFECYCLE_SEED: seed, LIFECYCLE_PATH: path } = process.env;
const parameters = {
  ...(runs ? { numRuns: Number(runs) } : { numRuns: 100, interruptAfterTimeLimit: 15_000 }),
  ...(seed && { seed: Number(seed) }),
  ...(path && { path }),
};

let world: World;
let undo: () => void;

beforeAll(async () => {
  world = await openWorld();
  undo = interceptAws();
});
afterAll(async () => {
  undo();
  await world.close();
});
beforeEach(() => {
  for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => {});
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('whatever dies, fails or comes twice, in whatever order: every request ends once, and its photo goes', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (steps) => {
      const played = await play(world, steps);
      expect(await brokenPromises(world, played)).toEqual([]);
      await letADayGoBy(world);
      expect(await leftAfterADay(world, played)).toEqual([]);
    }),
    parameters,
  );
});
