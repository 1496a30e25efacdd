import { deadlines, epochSeconds, later } from './deadlines.ts';
import { type ErrorType, errorTypes, LesionError } from './errors.ts';
import type { Description, RequestStatus } from './generated/schema.ts';
import { canBeRetried, isOpen, type NextStatus, type OpenRequest } from './lifecycle.ts';
import type {
  Asked,
  AwaitingDescription,
  Cancelled,
  Completed,
  Deleted,
  Failed,
  LesionRequest,
  LiveRequest,
  Pending,
  Processing,
  Result,
} from './request.ts';

/*
 * Every change of status, as a pure function of the request and the time. Each adds one to `version` and, save for the
 * tombstone, one entry to the timeline; the store writes it only if the request still is what the function was given.
 */

/** What is known at first. A field that is new in SubmitRequestInput does not compile before a request keeps it. */
export type Submission = Pick<Pending, 'requestId' | 'owner' | 'image' | Asked>;

export function submit(submission: Submission, retentionDays: number, now: Date): Pending {
  const at = now.toISOString();
  return {
    ...submission,
    status: 'PENDING',
    version: 1,
    submittedAt: at,
    updatedAt: at,
    queuedAt: at,
    expiresAt: epochSeconds(now, retentionDays * 24 * 3600 * 1000),
    attempt: 0,
    timeline: [{ status: 'PENDING', at }],
    dueAt: later(now, deadlines.requeuePending),
  };
}

/** @param takenBy id of the queue message, to tell a redelivery from a second message */
export function take(request: Pending | Processing, takenBy: string, now: Date): Processing {
  const dueAt = later(now, deadlines.requeueProcessing);
  return { ...request, ...step(request, 'PROCESSING', now), attempt: request.attempt + 1, takenBy, dueAt };
}

/** The numbers are there: done, unless a description was asked for. */
export function savePrediction(request: Processing, result: Result, now: Date): Completed | AwaitingDescription {
  const rest = withoutTaker(request);
  if (!request.describe) return { ...rest, ...result, ...step(request, 'COMPLETED', now), ...photoDue(now) };
  const dueAt = later(now, deadlines.requeueDescription);
  return { ...rest, ...result, ...step(request, 'AWAITING_DESCRIPTION', now), dueAt };
}

export function saveDescription(request: AwaitingDescription, description: Description, now: Date): Completed {
  return { ...request, ...step(request, 'COMPLETED', now), description, ...photoDue(now) };
}

export function fail(request: Pending | Processing, type: ErrorType, message: string, now: Date): Failed {
  const { retryable } = errorTypes[type];
  const due = retryable ? { dueAt: later(now, deadlines.keepPhotoAfterFailure) } : photoDue(now);
  return {
    ...withoutTaker(request),
    ...step(request, 'FAILED', now),
    error: { code: type, message, retryable },
    ...due,
  };
}

export function retry(request: LiveRequest, now: Date): Pending {
  if (request.status !== 'FAILED') throw conflict(request, 'Only a FAILED request can be retried');
  const { error: _, ...rest } = request;
  if (!canBeRetried(request)) throw conflict(request, 'Another try would fail the same way. Send another photo');
  const dueAt = later(now, deadlines.requeuePending);
  const expiresAt = Math.max(request.expiresAt, epochSeconds(now, deadlines.keepRetried));
  return { ...rest, ...step(request, 'PENDING', now), queuedAt: now.toISOString(), dueAt, expiresAt };
}

/** The kept photo's time is up: nothing is left to retry. No change of status, so no entry in the timeline. */
export function forgetPhoto(request: Failed, now: Date): Failed {
  const error = { ...request.error, retryable: false };
  return { ...request, error, version: request.version + 1, updatedAt: now.toISOString(), ...photoDue(now) };
}

export function cancel(request: LiveRequest, now: Date): Cancelled {
  if (!isOpen(request)) throw conflict(request, 'Only a request that has not ended can be cancelled');
  return { ...withoutTaker(request), ...step(request, 'CANCELLED', now), ...photoDue(now) };
}

/** Clears everything but id, owner and version. */
export function erase(request: LiveRequest, now: Date): Deleted {
  const { requestId, owner, version } = request;
  const expiresAt = epochSeconds(now, deadlines.keepTombstone);
  const status = 'DELETED' satisfies NextStatus<LiveRequest>;
  return { status, requestId, owner, version: version + 1, updatedAt: now.toISOString(), expiresAt };
}

/** Another message was sent for an open request; it is looked at again later. Nothing that a client sees changes. */
export function postpone<R extends OpenRequest>(request: R, now: Date): R {
  return { ...request, dueAt: later(now, requeueAfter[request.status]) };
}

const requeueAfter: Record<OpenRequest['status'], number> = {
  PENDING: deadlines.requeuePending,
  PROCESSING: deadlines.requeueProcessing,
  AWAITING_DESCRIPTION: deadlines.requeueDescription,
};

/** The photo of an ended request is gone, and nothing is left to do about it. Nothing that a client sees changes. */
export function settle(request: Completed | Failed | Cancelled): Completed | Failed | Cancelled {
  const { dueAt: _, ...settled } = request;
  return settled;
}

/** When the sweeper looks whether the photo of an ended request is gone. */
function photoDue(now: Date) {
  return { dueAt: later(now, deadlines.deletePhoto) };
}

/** A step that the lifecycle does not have does not compile. */
function step<R extends LiveRequest, const S extends NextStatus<R> & RequestStatus>(request: R, status: S, now: Date) {
  const at = now.toISOString();
  const timeline = [...request.timeline, { status, at }];
  return { status, version: request.version + 1, updatedAt: at, timeline };
}

function withoutTaker<R extends LiveRequest>(request: R): Omit<R, 'takenBy'> {
  if (!('takenBy' in request)) return request;
  const { takenBy: _, ...rest } = request;
  return rest;
}

function conflict(request: LesionRequest, rule: string): LesionError {
  return new LesionError('Conflict', `${rule}; this one is ${request.status}.`, { info: { status: request.status } });
}
