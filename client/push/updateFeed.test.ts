import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LesionError } from '../lesionError.ts';
import type { Request, Update } from '../request.ts';
import { fakePush } from '../testing/fakePush.ts';
import { aLife, aRequest } from '../testing/requests.ts';
import { createUpdateFeed } from './updateFeed.ts';

const { requestId } = aRequest();
const life = aLife();
const [pending, processing, awaiting, completed] = life;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A feed whose pushes and reads the test decides. */
function aFeed(read: () => Promise<Request | null> = async () => null) {
  const push = fakePush();
  const reads = vi.fn(read);
  const feed = createUpdateFeed({ openPush: push.open, read: reads });
  const follow = (options = {}) => {
    const updates: Update[] = [];
    const outcome = { updates, ended: false, error: undefined as unknown };
    const run = async () => {
      for await (const update of feed.follow(requestId, options)) updates.push(update);
    };
    run().then(
      () => {
        outcome.ended = true;
      },
      (error) => {
        outcome.error = error;
      },
    );
    return outcome;
  };
  return { feed, push, reads, follow };
}

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);
const seen = ({ updates }: { updates: Update[] }) => updates.map(({ request, via }) => `${request.version} ${via}`);

describe('following one request', () => {
  test('reads only after the acknowledgement, so that nothing falls between', async () => {
    const { push, reads, follow } = aFeed(async () => pending!);
    const followed = follow();
    await settle();
    expect(reads).not.toHaveBeenCalled();
    push.latest().ready();
    await settle();
    expect(seen(followed)).toEqual(['1 read']);
  });

  test('reads anyway where no acknowledgement comes', async () => {
    const { follow } = aFeed(async () => completed!);
    const followed = follow();
    await settle(4_000);
    expect(followed.ended).toBe(true);
  });

  test('reads once more a little after the acknowledgement, for what was lost even then', async () => {
    const { push, reads, follow } = aFeed();
    reads.mockResolvedValueOnce(pending!).mockResolvedValueOnce(completed!);
    const followed = follow();
    await settle();
    push.latest().ready();
    await settle(5_000);
    expect(seen(followed)).toEqual(['1 read', '4 read']);
  });

  test('leaves it to the push where push and read find the same', async () => {
    const { push, reads, follow } = aFeed();
    reads.mockResolvedValueOnce(pending!).mockResolvedValueOnce(processing!);
    const followed = follow();
    await settle();
    push.latest().ready();
    while (reads.mock.calls.length < 2) await settle(100);
    push.latest().next(processing!);
    await settle(1_000);
    expect(seen(followed)).toEqual(['1 read', '2 push']);
  });

  test('keeps what was pushed before it was followed, and gives it in order', async () => {
    const { feed, push, follow } = aFeed();
    const release = feed.channel.hold();
    push.latest().ready();
    for (const request of [pending!, processing!, awaiting!]) push.latest().next(request);
    const followed = follow({ readFirst: false });
    await settle();
    push.latest().next(completed!);
    await settle();
    expect(seen(followed)).toEqual(['1 push', '2 push', '3 push', '4 push']);
    expect(followed.ended).toBe(true);
    release();
  });

  test('asks before it believes that a request it remembers as ended still is', async () => {
    const { feed, push, follow } = aFeed(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return aRequest({ status: 'COMPLETED', version: 7 });
    });
    feed.channel.hold();
    push.latest().ready();
    push.latest().next(aRequest({ status: 'FAILED', version: 5 }));
    const followed = follow();
    await settle(60);
    expect(seen(followed)).toEqual(['5 push', '7 read']);
  });

  test('asks before it believes so also when the subscription was lost since', async () => {
    const { feed, push, follow } = aFeed(async () => aRequest({ status: 'COMPLETED', version: 7 }));
    feed.channel.hold();
    push.latest().ready();
    push.latest().next(aRequest({ status: 'FAILED', version: 5 }));
    push.latest().lost(new LesionError('Network', 'cut'));
    const followed = follow();
    await settle(10);
    expect(seen(followed)).toEqual(['5 push', '7 read']);
  });

  test('believes it neither where the read fails, until one does not', async () => {
    let down = true;
    const { feed, push, follow } = aFeed(async () => {
      if (down) throw new LesionError('Network', 'down');
      return aRequest({ status: 'COMPLETED', version: 7 });
    });
    feed.channel.hold();
    push.latest().ready();
    push.latest().next(aRequest({ status: 'FAILED', version: 5 }));
    push.latest().lost(new LesionError('Network', 'cut'));
    const followed = follow();
    await settle(10);
    expect([seen(followed), followed.ended]).toEqual([[], false]);
    down = false;
    await settle(30_000);
    expect([seen(followed), followed.ended]).toEqual([['5 push', '7 read'], true]);
  });

  test('stops asking when it is aborted', async () => {
    const { feed, push, follow } = aFeed(() => new Promise(() => {}));
    feed.channel.hold();
    push.latest().ready();
    push.latest().next(aRequest({ status: 'FAILED', version: 5 }));
    const controller = new AbortController();
    const followed = follow({ signal: controller.signal });
    await settle(10);
    controller.abort();
    await settle();
    expect(followed.error).toMatchObject({ code: 'Aborted' });
  });

  test('forgets the end of an earlier attempt', async () => {
    const { feed, push, follow } = aFeed();
    feed.channel.hold();
    push.latest().ready();
    push.latest().next(aRequest({ status: 'FAILED', version: 5 }));
    feed.startFrom(aRequest({ status: 'PENDING', version: 6 }));
    const followed = follow({ reads: false });
    await settle();
    push.latest().next(aRequest({ status: 'COMPLETED', version: 8 }));
    await settle();
    expect(seen(followed)).toEqual(['8 push']);
  });

  test('opens a lost subscription again and reads what was missed', async () => {
    const { push, reads, follow } = aFeed(async () => pending!);
    const followed = follow();
    await settle();
    push.latest().ready();
    await settle();
    push.latest().lost(new LesionError('Network', 'cut'));
    reads.mockResolvedValue(completed!);
    await settle(700);
    push.latest().ready();
    await settle();
    await settle(500);
    expect(push.opened).toHaveLength(2);
    expect(seen(followed)).toEqual(['1 read', '4 read']);
  });

  test('gives up a subscription that is not acknowledged in time', async () => {
    const { push, follow } = aFeed(async () => pending!);
    follow();
    await settle(14_000);
    expect(push.opened.map(({ closed }) => closed)).toEqual([true, false]);
  });

  test('reads ever more slowly while nothing happens', async () => {
    const { push, reads, follow } = aFeed(async () => pending!);
    follow();
    await settle();
    push.latest().ready();
    await settle(3_600_000);
    expect(reads.mock.calls.length).toBeGreaterThan(3600 / 75);
    expect(reads.mock.calls.length).toBeLessThan(3600 / 45);
  });

  test('reads at once on resume', async () => {
    const { feed, push, reads, follow } = aFeed(async () => pending!);
    const followed = follow();
    await settle();
    push.latest().ready();
    await settle();
    reads.mockResolvedValue(completed!);
    feed.resume();
    await settle(400);
    expect(followed.ended).toBe(true);
  });

  test('goes on reading after a read that failed', async () => {
    const { push, reads, follow } = aFeed(async () => completed!);
    reads.mockRejectedValueOnce(new LesionError('Network', 'down'));
    const followed = follow();
    await settle();
    push.latest().ready();
    await settle(5_000);
    expect(followed.ended).toBe(true);
  });

  test('throws what no further read can mend', async () => {
    const { push, follow } = aFeed(async () => {
      throw new LesionError('Unauthorized', 'no');
    });
    const followed = follow();
    await settle();
    push.latest().ready();
    await settle();
    expect(followed.error).toMatchObject({ code: 'Unauthorized' });
  });

  test('believes that a request is not there when it is told so twice', async () => {
    const { push, follow } = aFeed();
    const followed = follow();
    await settle();
    push.latest().ready();
    await settle();
    expect(followed.error).toBeUndefined();
    await settle(5_000);
    expect(followed.error).toMatchObject({ code: 'NotFound', requestId });
  });

  test('stops reading when nobody follows any more', async () => {
    const { push, reads, follow } = aFeed(async () => pending!);
    const controller = new AbortController();
    const followed = follow({ signal: controller.signal });
    await settle();
    push.latest().ready();
    await settle();
    controller.abort();
    await settle(120_000);
    expect(followed.error).toMatchObject({ code: 'Aborted', requestId });
    expect(reads).toHaveBeenCalledTimes(1);
    expect(push.latest().closed).toBe(true);
  });
});

type Step = { what: 'push' | 'lose' | 'cut' | 'acknowledge' | 'wait'; at: number };

const step = fc.record({
  what: fc.constantFrom<Step['what']>('push', 'push', 'push', 'lose', 'cut', 'acknowledge', 'wait'),
  at: fc.integer({ min: 1, max: 6 }),
});

test('whatever is lost, doubled or late: versions only grow, and the last one is the last there is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let current = 1;
      const version = (at: number) => aRequest({ version: at, status: at < 6 ? 'PROCESSING' : 'COMPLETED' });
      const { push, follow } = aFeed(async () => version(current));
      const followed = follow();
      await settle();
      for (const { what, at } of steps) {
        current = Math.max(current, at);
        const now = push.latest();
        if (what === 'push' && !now.closed) now.next(version(at));
        if (what === 'acknowledge' && !now.closed) now.ready();
        if (what === 'cut' && !now.closed) now.lost(new LesionError('Network', 'cut'));
        if (what === 'wait') await settle(at * 700);
      }
      current = 6;
      await settle(120_000);
      const versions = followed.updates.map(({ request }) => request.version);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      expect(versions.at(-1)).toBe(6);
      expect(followed.ended).toBe(true);
    }),
    { numRuns: 200 },
  );
});
