import { LesionError } from '../lesionError.ts';
import type { Request } from '../request.ts';
import { jittered } from '../timing/jittered.ts';
import { unref } from '../timing/unref.ts';
import { createWaiters } from './waiters.ts';

/** What one subscription tells. After `lost` it tells nothing more. */
export interface PushListener {
  /** The server has acknowledged the subscription: changes from now on are pushed. */
  ready(): void;
  next(request: Request): void;
  /** Something was pushed that is no request. */
  unreadable(): void;
  lost(error: LesionError): void;
}

/** Opens one subscription; returns what closes it. */
export type OpenPush = (listener: PushListener) => () => void;

export interface PushChannelEvents {
  next(request: Request): void;
  /** Pushes may have been lost before this moment. */
  ready(): void;
  /** A push was lost just now: what came is no request. */
  unreadable(): void;
  /** Pushes may be lost from now on. */
  lost(): void;
  /** Refused, and refused again with a fresh token. */
  refused(error: LesionError): void;
}

/** One subscription for everyone who holds it, opened again whenever it is lost. */
export interface PushChannel {
  /** Keeps it open until the returned function is called. Throws LesionError Aborted after `close`. */
  hold(): () => void;
  /**
   * Resolves once the server has acknowledged the subscription that is open now.
   *
   * @throws LesionError Unauthorized, or Network after `timeout` milliseconds, or Aborted
   */
  ready(options: { timeout: number; signal?: AbortSignal | undefined }): Promise<void>;
  isReady(): boolean;
  close(): void;
}

/** Milliseconds. amplify gives up connecting after some 7 s, and then waits in silence. */
const ACK_TIMEOUT = 12_000;
const FIRST_RETRY = 500;
const LONGEST_RETRY = 30_000;
/** Between one classification and the next the socket stays. */
const LINGER = 5_000;

export function createPushChannel(open: OpenPush, events: PushChannelEvents): PushChannel {
  const waiters = createWaiters();
  let holders = 0;
  let attempt: Attempt | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let lingerTimer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let refusals = 0;
  let closed = false;

  const start = () => {
    clearTimeout(retryTimer);
    attempt = startAttempt(open, { ...events, ready, lost });
  };
  const stop = () => {
    clearTimeout(retryTimer);
    clearTimeout(lingerTimer);
    attempt?.close();
    attempt = undefined;
  };
  const ready = () => {
    failures = 0;
    refusals = 0;
    waiters.resolve();
    events.ready();
  };
  const lost = (error: LesionError) => {
    attempt = undefined;
    retryTimer = setTimeout(start, jittered(Math.min(FIRST_RETRY * 2 ** failures, LONGEST_RETRY)));
    failures += 1;
    refusals = error.code === 'Unauthorized' ? refusals + 1 : 0;
    events.lost();
    if (refusals < 2) return;
    waiters.reject(error);
    events.refused(error);
  };
  const release = () => {
    holders -= 1;
    if (holders > 0) return;
    lingerTimer = setTimeout(stop, LINGER);
    unref(lingerTimer);
  };

  return {
    hold() {
      if (closed) throw closedError();
      holders += 1;
      clearTimeout(lingerTimer);
      if (holders === 1 && !attempt) start();
      return once(release);
    },
    ready: ({ timeout, signal }) =>
      attempt?.acknowledged() ? Promise.resolve() : waiters.wait({ timeout, signal, late: noAck }),
    isReady: () => attempt?.acknowledged() ?? false,
    close() {
      closed = true;
      stop();
      waiters.reject(closedError());
    },
  };
}

interface Attempt {
  acknowledged(): boolean;
  close(): void;
}

/** One subscription until it is lost, refused, not acknowledged in time, or closed. */
function startAttempt(open: OpenPush, listener: PushListener): Attempt {
  let state: 'asked' | 'acknowledged' | 'over' = 'asked';
  let closeIt: (() => void) | undefined;

  const isOver = () => state === 'over';
  const end = () => {
    clearTimeout(timer);
    state = 'over';
    closeIt?.();
  };
  const lost = (error: LesionError) => {
    if (isOver()) return;
    end();
    listener.lost(error);
  };
  const ready = () => {
    if (state !== 'asked') return;
    clearTimeout(timer);
    state = 'acknowledged';
    listener.ready();
  };
  const timer = setTimeout(() => lost(noAck()), ACK_TIMEOUT);
  closeIt = open({
    ready,
    lost,
    next: (request) => isOver() || listener.next(request),
    unreadable: () => isOver() || listener.unreadable(),
  });
  // Lost before there was anything to close.
  if (isOver()) closeIt();
  return { acknowledged: () => state === 'acknowledged', close: end };
}

export function closedError(): LesionError {
  return new LesionError('Aborted', 'The client was closed.');
}

function noAck(): LesionError {
  return new LesionError('Network', 'The subscription was not acknowledged in time.');
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
