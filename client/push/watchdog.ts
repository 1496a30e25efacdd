import { jittered } from '../timing/jittered.ts';

/** Milliseconds. */
export interface WatchdogTiming {
  /** Wait after something happened that a push may have been lost in. */
  settle: number;
  /** First wait of the slow beat, */
  first: number;
  /** which grows to this. */
  longest: number;
}

export const watchdogTiming: WatchdogTiming = { settle: 3_000, first: 10_000, longest: 60_000 };

/** Reads again when a push may have been lost, and slowly ever after: pushes have no promise of delivery. */
export interface Watchdog {
  /** Reads at once (a read under way counts), again a short while later, then in the slow beat. */
  now(): Promise<void>;
  /** Reads a short while from now, then in the slow beat. */
  soon(): void;
  stop(): void;
}

/** @param read must not reject */
export function createWatchdog(read: () => Promise<void>, timing: WatchdogTiming): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading: Promise<void> | undefined;
  let wait = timing.settle;
  let stopped = false;

  const schedule = () => {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(run, jittered(wait));
    wait = wait < timing.first ? timing.first : Math.min(wait * 1.6, timing.longest);
  };
  const run = () => {
    clearTimeout(timer);
    reading ??= read().finally(() => {
      reading = undefined;
      schedule();
    });
    return reading;
  };
  return {
    now() {
      wait = timing.settle;
      return run();
    },
    soon() {
      wait = timing.settle;
      if (!reading) schedule();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
