import { type OutputData, type SessionInfo, type SessionThread, startSessionThread } from './sessionThread.ts';
import type { TensorData } from './tensor.ts';

export interface SessionPool extends Pick<SessionThread, 'run' | 'stop'> {
  info: SessionInfo;
}

interface Waiting {
  resolve(thread: SessionThread): void;
  reject(error: unknown): void;
}

/**
 * Sessions of one model, each in a thread of its own. The first is made now; another, up to `size`, when a photo has to
 * wait for those there are. A thread that dies fails its photo alone and is replaced when the next one needs it.
 *
 * @param modelFile may still be on its way: the thread loads the runtime meanwhile
 * @throws Error if the file is no model
 */
export async function createSessionPool(
  modelFile: string | Promise<string>,
  size: number,
  startThread = startSessionThread,
): Promise<SessionPool> {
  const waiting: Waiting[] = [];
  const alive = new Set<SessionThread>();
  const loaded = new Set<SessionThread>();
  let idle: SessionThread[] = [];

  const first = start();
  const opened = Promise.resolve(modelFile).then(async (path) => ({ path, info: await first.load(path) }));
  opened.catch(() => first.stop());
  const { path, info } = await opened;
  loaded.add(first);
  release(first);

  function start(): SessionThread {
    const thread = startThread();
    alive.add(thread);
    thread.ended.then(() => {
      alive.delete(thread);
      idle = idle.filter((other) => other !== thread);
      // Only one that worked is worth replacing: what cannot be loaded would be started over and over.
      if (loaded.delete(thread) && waiting.length > 0) grow();
    });
    return thread;
  }

  function grow(): void {
    if (alive.size >= size) return;
    const thread = start();
    thread.load(path).then(
      () => {
        loaded.add(thread);
        release(thread);
      },
      (error: unknown) => giveUp(thread, error),
    );
  }

  /** While others are alive, theirs is the work; the last one takes all that wait along, or they would wait for ever. */
  function giveUp(thread: SessionThread, error: unknown): void {
    alive.delete(thread);
    thread.stop();
    if (alive.size > 0) return;
    for (const { reject } of waiting.splice(0)) reject(error);
  }

  function release(thread: SessionThread): void {
    if (!loaded.has(thread)) return;
    const next = waiting.shift();
    if (next) next.resolve(thread);
    else idle.push(thread);
  }

  function acquire(): Promise<SessionThread> {
    const thread = idle.pop();
    if (thread) return Promise.resolve(thread);
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      grow();
    });
  }

  async function run(
    input: string,
    tensor: TensorData,
    outputs: readonly string[],
  ): Promise<Record<string, OutputData>> {
    const thread = await acquire();
    try {
      return await thread.run(input, tensor, outputs);
    } finally {
      release(thread);
    }
  }
  function stop(): void {
    for (const thread of alive) thread.stop();
  }
  return { info, run, stop };
}
