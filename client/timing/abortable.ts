import { LesionError } from '../lesionError.ts';

/** What every call throws whose signal was aborted. */
export function aborted(signal: AbortSignal | undefined, requestId?: string): LesionError {
  return new LesionError('Aborted', 'Aborted by the caller.', { requestId, cause: signal?.reason });
}

/** Settles as the promise does, but throws Aborted as soon as the signal is. The work itself goes on. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(aborted(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
