import { LesionError } from '../lesionError.ts';
import { aborted } from '../timing/abortable.ts';

export interface WaitOptions {
  signal?: AbortSignal | undefined;
  /** The request that is waited for, if it is one; the error names it. */
  requestId?: string;
  /** Milliseconds until `late()` is thrown; none: as long as it takes. */
  timeout?: number;
  late?: () => LesionError;
}

/** Those who wait for one thing to happen, again and again. */
export interface Waiters {
  /** @throws LesionError Aborted when the signal is; what `late` makes; what `reject` is given */
  wait(options?: WaitOptions): Promise<void>;
  resolve(): void;
  reject(error: LesionError): void;
}

export function createWaiters(): Waiters {
  const waiting = new Set<(error?: LesionError) => void>();
  const settle = (error?: LesionError) => {
    for (const done of [...waiting]) done(error);
  };

  return {
    wait({ signal, requestId, timeout, late = () => new LesionError('Network', `Nothing for ${timeout} ms.`) } = {}) {
      if (signal?.aborted) return Promise.reject(aborted(signal, requestId));
      return new Promise((resolve, reject) => {
        const timer = timeout === undefined ? undefined : setTimeout(() => done(late()), timeout);
        const onAbort = () => done(aborted(signal, requestId));
        const done = (error?: LesionError) => {
          waiting.delete(done);
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          if (error) reject(error);
          else resolve();
        };
        signal?.addEventListener('abort', onAbort);
        waiting.add(done);
      });
    },
    resolve: () => settle(),
    reject: settle,
  };
}
