import type { ImageStore } from '../../adapters/imageStore.ts';
import { log } from '../../adapters/log.ts';
import type { WorkQueue } from '../../adapters/queues.ts';
import type { RequestStore } from '../../adapters/requestStore.ts';
import { deadlines } from '../../core/deadlines.ts';
import { completeByTemplate } from '../../core/description/completeByTemplate.ts';
import {
  canBeRetried,
  isOpen,
  lifecycle,
  type OpenRequest,
  photoGoes,
  type QueueName,
  unknownStatus,
} from '../../core/lifecycle.ts';
import type { Cancelled, Completed, Failed, LesionRequest } from '../../core/request.ts';
import { fail, forgetPhoto, postpone } from '../../core/transitions.ts';

export interface Sweeper {
  requests: RequestStore;
  images: Pick<ImageStore, 'remove'>;
  queues: Record<QueueName, Pick<WorkQueue, 'send'>>;
  now(): Date;
}

export interface SweepOptions {
  /** The queues were emptied: do not wait for the deadlines, send a message for every open request now. */
  queuesLost: boolean;
}

/** So many requests beside each other. What a run has no time for is due in the next one, a minute later. */
const lanes = 10;
const endOfTime = '9999';

const tooLate = 'The photo was not classified within a day and has been deleted. Upload it again.';

/**
 * Looks at every request that is overdue: sends it again, ends it, or deletes its photo. Returns how many it saw.
 * Tests: test/lifecycle/sweep.test.ts.
 */
export async function sweep(sweeper: Sweeper, { queuesLost }: SweepOptions): Promise<number> {
  const until = queuesLost ? endOfTime : sweeper.now().toISOString();
  const seen = new Set<string>();
  const due = sweeper.requests.listDue(until);
  const lane = async () => {
    for await (const requestId of due) {
      if (seen.has(requestId)) continue;
      seen.add(requestId);
      await attend(sweeper, requestId, until).catch((error: unknown) =>
        log.error('sweep failed', { requestId, error }),
      );
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return seen.size;
}

async function attend(sweeper: Sweeper, requestId: string, until: string): Promise<void> {
  const request = await sweeper.requests.get(requestId);
  // The index may lag behind the table.
  if (!request || !('dueAt' in request) || !request.dueAt || request.dueAt > until) return;
  if (!isOpen(request)) {
    if (photoGoes(request)) return await makeSureOfPhoto(sweeper, request);
    return canBeRetried(request) && until !== endOfTime ? await dropPhoto(sweeper, request) : undefined;
  }
  if (sweeper.now().getTime() - Date.parse(request.queuedAt) > deadlines.giveUp) return await end(sweeper, request);
  await sendAgain(sweeper, request);
}

async function sendAgain(sweeper: Sweeper, request: OpenRequest): Promise<void> {
  await sweeper.queues[lifecycle[request.status].queue].send(request.requestId);
  await sweeper.requests.postpone(postpone(request, sweeper.now()));
  log.warn('sent again', { requestId: request.requestId, status: request.status, attempt: request.attempt });
}

async function end(sweeper: Sweeper, { requestId }: LesionRequest): Promise<void> {
  const change = await sweeper.requests.change(requestId, (request) => {
    if (!isOpen(request)) return undefined;
    switch (request.status) {
      case 'AWAITING_DESCRIPTION':
        return completeByTemplate(request, sweeper.now());
      case 'PENDING':
      case 'PROCESSING':
        return fail(request, 'TimedOut', tooLate, sweeper.now());
      default:
        throw unknownStatus(request satisfies never);
    }
  });
  if (change && photoGoes(change.after)) await sweeper.images.remove(change.after.image.key);
  log.error('given up after a day', { requestId });
}

/** Whoever ended it may have died before it deleted the photo. */
async function makeSureOfPhoto(sweeper: Sweeper, request: Completed | Failed | Cancelled): Promise<void> {
  await sweeper.images.remove(request.image.key);
  await sweeper.requests.settle(request);
}

/** The time for a retry is over: said first, so that none is taken on whose photo is about to go. */
async function dropPhoto(sweeper: Sweeper, failed: Failed): Promise<void> {
  const isStillThis = (request: LesionRequest): request is Failed =>
    request.status === 'FAILED' && request.version === failed.version;
  const decide = (request: LesionRequest) => (isStillThis(request) ? forgetPhoto(request, sweeper.now()) : undefined);
  const change = await sweeper.requests.change(failed.requestId, decide, failed);
  if (change) await makeSureOfPhoto(sweeper, change.after);
}
