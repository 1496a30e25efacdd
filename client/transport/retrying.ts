import { LesionError } from '../lesionError.ts';
import { aborted } from '../timing/abortable.ts';
import { jittered } from '../timing/jittered.ts';

const ATTEMPTS = 4;
/** Milliseconds before the second attempt; doubles from then on. */
const FIRST_WAIT = 300;
/** If the server asks for a longer wait than this, the caller should decide. Milliseconds. */
const LONGEST_WAIT = 5_000;

/**
 * Tries again what can succeed at another try.
 *
 * @throws LesionError the last one, or the first that no retry helps
 */
export async function retrying<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      const wait =
        error instanceof LesionError && error.retryable ? waitAfter(error, attempt) : Number.POSITIVE_INFINITY;
      if (attempt === ATTEMPTS || wait > LONGEST_WAIT) throw error;
      await pause(wait, signal);
    }
  }
}

function waitAfter({ info }: LesionError, attempt: number): number {
  if (typeof info.retryAfterSeconds === 'number') return info.retryAfterSeconds * 1000;
  return jittered(FIRST_WAIT * 2 ** (attempt - 1));
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal));
    const onAbort = () => {
      clearTimeout(timer);
      reject(aborted(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
