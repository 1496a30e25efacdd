import { expect, test } from 'vitest';
import { createSessionPool } from './sessionPool.ts';
import type { OutputData, SessionInfo, SessionThread } from './sessionThread.ts';

const info: SessionInfo = { inputs: [], outputs: [] };
const tensor = { type: 'uint8', data: new Uint8Array(), dims: [0] } as const;

interface Call {
  thread: number;
  answer(): void;
}

/** Threads whose work ends when the test says so. */
function handMadeThreads({ loads }: { loads(): boolean } = { loads: () => true }) {
  const calls: Call[] = [];
  const ends: (() => void)[] = [];
  const start = (): SessionThread => {
    const { promise: ended, resolve: stop } = Promise.withResolvers<void>();
    const thread = ends.push(stop) - 1;
    return {
      load: async () => {
        if (!loads()) throw new Error('no such model');
        return info;
      },
      run: () =>
        new Promise<Record<string, OutputData>>((resolve) => calls.push({ thread, answer: () => resolve({}) })),
      ended,
      stop,
    };
  };
  return { start, calls, started: () => ends.length, end: (thread: number) => ends[thread]!() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('one photo after the other needs one thread', async () => {
  const threads = handMadeThreads();
  const pool = await createSessionPool('model', 3, threads.start);
  for (let photo = 0; photo < 3; photo++) {
    const running = pool.run('x', tensor, []);
    await settled();
    threads.calls[photo]!.answer();
    await running;
  }
  expect(threads.started()).toBe(1);
});

test('photos that come at once get a thread each, up to as many as there are cores', async () => {
  const threads = handMadeThreads();
  const pool = await createSessionPool('model', 2, threads.start);
  const running = [1, 2, 3, 4].map(() => pool.run('x', tensor, []));
  await settled();
  expect(threads.calls.map((call) => call.thread)).toEqual([0, 1]);
  threads.calls[1]!.answer();
  await settled();
  expect(threads.calls.map((call) => call.thread)).toEqual([0, 1, 1]);
  threads.calls[0]!.answer();
  await settled();
  for (const call of threads.calls.slice(2)) call.answer();
  await Promise.all(running);
  expect(threads.started()).toBe(2);
});

test('a thread that died is replaced when the next photo needs one', async () => {
  const threads = handMadeThreads();
  const pool = await createSessionPool('model', 1, threads.start);
  threads.end(0);
  await settled();
  const running = pool.run('x', tensor, []);
  await settled();
  threads.calls[0]!.answer();
  await running;
  expect(threads.started()).toBe(2);
});

test('photos do not wait for ever when the last thread died and no other loads', async () => {
  let loads = true;
  const threads = handMadeThreads({ loads: () => loads });
  const pool = await createSessionPool('model', 2, threads.start);
  loads = false;
  threads.end(0);
  await settled();
  const running = [1, 2].map(() => pool.run('x', tensor, []));
  for (const one of running) await expect(one).rejects.toThrow('no such model');
});

test('a further thread that does not load leaves the work to those there are', async () => {
  let loads = true;
  const threads = handMadeThreads({ loads: () => loads });
  const pool = await createSessionPool('model', 2, threads.start);
  loads = false;
  const running = [1, 2].map(() => pool.run('x', tensor, []));
  await settled();
  threads.calls[0]!.answer();
  await settled();
  threads.calls[1]!.answer();
  await Promise.all(running);
  expect(threads.calls.map((call) => call.thread)).toEqual([0, 0]);
});

test('a model that did not arrive fails the pool and ends its thread', async () => {
  const thread = handMadeThreads().start();
  const pool = createSessionPool(Promise.reject(new Error('S3 is down')), 1, () => thread);
  await expect(pool).rejects.toThrow('S3 is down');
  await thread.ended;
});
