import type { Stack } from '../template/stack.ts';
import { type Lambda, type LambdaOptions, startLambda } from './startLambda.ts';

/** The functions of the template that runs, whichever that is at the time. */
export interface Functions {
  /** Waits where there are none: before the first start, and while some make way for the next. */
  invokeAs: Lambda['invokeAs'];
  /** Functions by name. */
  running(): Lambda['functions'];
  /** With their event sources. `firstInput`: of each schedule's first run, which then comes at once. */
  start(stack: Stack, firstInput?: object): Promise<void>;
  /** Ends event sources; an invocation that runs goes on to its end. */
  makeWay(): Promise<void>;
  stop(): Promise<unknown>;
}

export function openFunctions(options: Omit<LambdaOptions, 'stack'>): Functions {
  let started = Promise.withResolvers<Lambda>();
  let current: Lambda | undefined;
  /** The current one, and those before it in which something still runs. */
  const all = new Set<Lambda>();
  return {
    invokeAs: async (...call) => (await started.promise).invokeAs(...call),
    running: () => current?.functions ?? new Map(),
    async start(stack, firstInput) {
      current = await startLambda({ ...options, stack });
      all.add(current);
      started.resolve(current);
      await current.startSources(firstInput);
    },
    async makeWay() {
      started = Promise.withResolvers();
      const before = current;
      if (!before) return;
      const { ended } = await before.retire();
      ended.then(() => all.delete(before)).catch((error) => options.onError(String(error)));
    },
    stop: () => Promise.all([...all].map((one) => one.stop())),
  };
}
