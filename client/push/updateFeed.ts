import type { Request, Update } from '../request.ts';
import { limitConcurrency } from '../timing/limitConcurrency.ts';
import { createFollowedRequest, type FollowedRequest, type FollowOptions } from './followedRequest.ts';
import { closedError, createPushChannel, type OpenPush, type PushChannel } from './pushChannel.ts';
import { type WatchdogTiming, watchdogTiming } from './watchdog.ts';

export interface FeedSource {
  openPush: OpenPush;
  /** null: there is no such request of the caller. Throws LesionError. */
  read(requestId: string): Promise<Request | null>;
}

/**
 * Every newer version of a request once, from two sources that each can fail: one subscription to all the caller's
 * requests, which loses pushes, and reads, which come late. It reads once when the subscription is acknowledged, a
 * little later, after each reconnect, and slowly until the request has ended.
 */
export interface UpdateFeed {
  channel: PushChannel;
  follow(requestId: string, options?: FollowOptions): AsyncGenerator<Update, void>;
  /** The request was started again: what is older counts no more. */
  startFrom(request: Request): void;
  /** Takes what an answer of the API says of a request. */
  add(request: Request): void;
  /** A change is due: read soon, in case its push is lost. */
  expect(requestId: string): void;
  /** Reads everything followed again, now. */
  resume(): void;
  close(): void;
}

/** Requests whose versions are kept though nobody follows them (yet). */
const KEPT_REQUESTS = 500;
const CONCURRENT_READS = 8;

export function createUpdateFeed(source: FeedSource, timing: WatchdogTiming = watchdogTiming): UpdateFeed {
  const requests = new Map<string, FollowedRequest>();
  const limited = limitConcurrency(CONCURRENT_READS);
  const each = (act: (request: FollowedRequest) => void) => {
    for (const request of requests.values()) act(request);
  };
  const resume = () => each((request) => request.readNow());

  const channel = createPushChannel(source.openPush, {
    next: (request) => entry(request.requestId).add({ request, via: 'push' }),
    ready: resume,
    unreadable: resume,
    lost: () => each((request) => request.readSoon()),
    refused: (error) => each((request) => request.fail(error)),
  });

  const entry = (requestId: string): FollowedRequest => {
    const known = requests.get(requestId);
    const request =
      known ??
      createFollowedRequest(
        requestId,
        { read: () => limited(() => source.read(requestId)), isPushed: () => channel.isReady() },
        timing,
      );
    requests.delete(requestId);
    requests.set(requestId, request);
    if (!known) forgetOldest(requests);
    return request;
  };

  return {
    channel,
    async *follow(requestId, options = {}) {
      const release = channel.hold();
      try {
        yield* entry(requestId).follow(options);
      } finally {
        release();
      }
    },
    startFrom: (request) => entry(request.requestId).startFrom(request.version),
    add: (request) => entry(request.requestId).add({ request, via: 'read' }),
    expect: (requestId) => requests.get(requestId)?.readSoon(),
    resume,
    close() {
      channel.close();
      each((request) => request.fail(closedError()));
    },
  };
}

function forgetOldest(requests: Map<string, FollowedRequest>): void {
  if (requests.size <= KEPT_REQUESTS) return;
  for (const [requestId, request] of requests) {
    if (request.isFollowed()) continue;
    requests.delete(requestId);
    return;
  }
}
