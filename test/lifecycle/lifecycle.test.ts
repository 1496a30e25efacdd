import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { interceptAws } from './actors.ts';
import { anyHistory, play, wait } from './histories.ts';
import { brokenPromises } from './promises.ts';
import { openWorld, type World } from './world.ts';

/** Each takes a fraction of a second; more by LIFECYCLE_RUNS, a counterexample again by LIFECYCLE_SEED. */
const numRuns = Number(process.env.LIFECYCLE_RUNS ?? 60);
const seed = process.env.LIFECYCLE_SEED ? Number(process.env.LIFECYCLE_SEED) : undefined;

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
      // A day later even the photo that was kept for a retry is gone.
      wait(24 * 3600);
      await world.sweep(false);
      for (const { imageKey, requestId } of played.cases) {
        const submitted = played.outcomes.some(({ of, what }) => of.requestId === requestId && what === 'submit');
        expect(submitted && (await world.hasPhoto(imageKey))).toBe(false);
      }
    }),
    { numRuns, ...(seed !== undefined && { seed }), endOnFailure: false },
  );
});
