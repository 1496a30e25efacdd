import { LesionError } from '../lesionError.ts';
import { hasEnded, type Request, type Update } from '../request.ts';
import { aborted } from '../timing/abortable.ts';
import { toLesionError } from '../transport/toLesionError.ts';
import { createVersionLog } from './versionLog.ts';
import { createWaiters } from './waiters.ts';
import { createWatchdog, type Watchdog, type WatchdogTiming } from './watchdog.ts';

export interface FollowOptions {
  signal?: AbortSignal | undefined;
  /** false: pushes alone, for tests. */
  reads?: boolean | undefined;
  /** false where everything since the submission has been pushed already: the first read can wait. */
  readFirst?: boolean | undefined;
}

export interface RequestSource {
  /** null: there is no such request of the caller. Throws LesionError. */
  read(): Promise<Request | null>;
  /** Whether pushes arrive at present, as far as we know. */
  isPushed(): boolean;
}

/** One request: the versions seen of it, those who follow it, and the reading that makes up for lost pushes. */
export interface FollowedRequest {
  add(update: Update): void;
  /** Forgets what is older than the given version: the request was started again. */
  startFrom(version: number): void;
  /** Each newer version once, until the request has ended. */
  follow(options: FollowOptions): AsyncGenerator<Update, void>;
  /** Pushes may have been lost until now. */
  readNow(): void;
  /** Pushes may be lost from now on, or one is due. */
  readSoon(): void;
  /** Whatever comes, it will not be heard. */
  fail(error: LesionError): void;
  isFollowed(): boolean;
}

/** Milliseconds that a push is given to overtake the read that found the same version. */
const PUSH_GRACE = 400;
/** A read just after the submission may miss the item; one a little later may not. */
const MISSES_TO_BELIEVE = 2;

export function createFollowedRequest(
  requestId: string,
  source: RequestSource,
  timing: WatchdogTiming,
): FollowedRequest {
  const log = createVersionLog();
  const changes = createWaiters();
  /** Wakes those who wait until the server has said what is. */
  const answers = createWaiters();
  let followers = 0;
  let readers = 0;
  let watchdog: Watchdog | undefined;
  let failure: LesionError | undefined;
  let misses = 0;
  let letPushesWin = false;

  const add = (update: Update) => {
    if (!log.add(update)) return;
    failure = undefined;
    changes.resolve();
  };

  const fail = (error: LesionError) => {
    failure = error;
    changes.reject(error);
    answers.reject(error);
  };

  const found = async (request: Request) => {
    misses = 0;
    const isNews = log.after(request.version - 1) === undefined;
    if (isNews && letPushesWin && source.isPushed()) await new Promise((done) => setTimeout(done, PUSH_GRACE));
    letPushesWin = true;
    add({ request, via: 'read' });
    answers.resolve();
  };

  const missed = () => {
    misses += 1;
    if (misses < MISSES_TO_BELIEVE) return;
    fail(new LesionError('NotFound', `There is no request ${requestId} of yours (any more).`, { requestId }));
  };

  const read = async () => {
    try {
      const request = await source.read();
      if (request) await found(request);
      else missed();
    } catch (thrown) {
      const error = toLesionError(thrown, requestId);
      if (!error.retryable) fail(error);
    }
  };

  const startReading = async (readFirst: boolean, signal: AbortSignal | undefined) => {
    readers += 1;
    letPushesWin ||= !readFirst;
    watchdog ??= createWatchdog(read, timing);
    if (readFirst && log.ended()) {
      const answered = answers.wait({ signal, requestId });
      void watchdog.now();
      await answered;
    } else if (!readFirst || !source.isPushed()) watchdog.soon();
    else void watchdog.now();
  };

  const stopReading = () => {
    readers -= 1;
    if (readers > 0) return;
    watchdog?.stop();
    watchdog = undefined;
  };

  async function* updates(signal: AbortSignal | undefined): AsyncGenerator<Update, void> {
    let version = 0;
    for (;;) {
      if (signal?.aborted) throw aborted(signal, requestId);
      const update = log.after(version);
      if (update) {
        version = update.request.version;
        yield update;
        if (hasEnded(update.request) && !log.after(version)) return;
      } else {
        if (failure) throw failure;
        await changes.wait({ signal, requestId });
      }
    }
  }

  return {
    add,
    fail,
    startFrom: (version) => log.startFrom(version),
    async *follow({ signal, reads = true, readFirst = true }) {
      if (followers === 0) failure = undefined;
      followers += 1;
      try {
        // What is remembered as ended may have been started again elsewhere: then the read is waited for.
        if (reads) await startReading(readFirst, signal);
        yield* updates(signal);
      } finally {
        followers -= 1;
        if (reads) stopReading();
      }
    },
    readNow: () => void watchdog?.now(),
    readSoon: () => watchdog?.soon(),
    isFollowed: () => followers > 0,
  };
}
