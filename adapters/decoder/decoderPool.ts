import { availableParallelism } from 'node:os';
import { type DecoderProcess, startDecoder } from './decoderProcess.ts';
import type { Decoded, Task } from './task.ts';

/** After that the next photo waits no longer. */
const promptMilliseconds = 250;

/**
 * Decoders that are kept, as many as there are cores: so many photos are decoded at once, which keeps the cores busy. One
 * that takes long gives its place away, for what waits is not to wait for it; another decoder is then started.
 */
export function createDecoderPool(places = availableParallelism(), start: () => DecoderProcess = () => startDecoder()) {
  const idle: DecoderProcess[] = [];
  const waiting: (() => void)[] = [];
  let taken = 0;

  async function takePlace(): Promise<() => void> {
    if (taken < places) taken += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = waiting.shift();
      if (next) next();
      else taken -= 1;
    };
  }

  function acquire(): DecoderProcess {
    for (let free = idle.pop(); free; free = idle.pop()) if (free.alive) return free;
    return start();
  }

  function release(decoder: DecoderProcess): void {
    if (!decoder.alive) return;
    if (idle.length < places) idle.push(decoder);
    else decoder.stop();
  }

  return {
    /** Starts a decoder ahead of its photo. */
    prepare(): void {
      if (idle.length === 0 && taken === 0) idle.push(start());
    },

    /** @throws as DecoderProcess.decode */
    async decode(task: Task): Promise<Decoded> {
      const givePlace = await takePlace();
      const decoder = acquire();
      const late = setTimeout(givePlace, promptMilliseconds);
      try {
        return await decoder.decode(task);
      } finally {
        clearTimeout(late);
        release(decoder);
        givePlace();
      }
    },
  };
}
