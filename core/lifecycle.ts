import type { RequestStatus } from './generated/schema.ts';
import type { LesionRequest } from './request.ts';

export type QueueName = 'inference' | 'enrichment';

/** What may follow, and what makes it so. */
type Next = Partial<Record<RequestStatus, string>>;
/**
 * An open request waits for the worker of a queue; one that has ended stays as it is until somebody asks for more.
 * `photo` says whether someone may still need it; `untilRetry`: as long as the request can be retried.
 */
type Stage =
  | { open: true; queue: QueueName | null; photo: 'kept' | 'goes'; next: Next }
  | { open: false; queue: null; photo: 'untilRetry' | 'goes'; next: Next };

const taken = 'the inference worker takes it';
const failed = 'a photo that cannot be read; tries used up; a day gone by';
const cancelled = '`cancelRequest`';
const deleted = '`deleteRequest`; a tombstone remains for 24 hours, so that every client hears of it';

/**
 * The life of a request, from PENDING on. Whatever depends on a status asks here, and docs/architecture.md shows it.
 * A status that the schema has and this table lacks does not compile.
 */
export const lifecycle = {
  PENDING: {
    open: true,
    queue: 'inference',
    photo: 'kept',
    next: { PROCESSING: taken, FAILED: failed, CANCELLED: cancelled, DELETED: deleted },
  },
  PROCESSING: {
    open: true,
    queue: 'inference',
    photo: 'kept',
    next: {
      PROCESSING: taken,
      COMPLETED: 'prediction saved, no description asked for',
      AWAITING_DESCRIPTION: 'prediction saved, description asked for',
      FAILED: failed,
      CANCELLED: cancelled,
      DELETED: deleted,
    },
  },
  AWAITING_DESCRIPTION: {
    open: true,
    queue: 'enrichment',
    photo: 'goes',
    next: {
      COMPLETED: 'description saved, or given up: `description.source` and `fallbackReason` say so',
      CANCELLED: cancelled,
      DELETED: deleted,
    },
  },
  COMPLETED: { open: false, queue: null, photo: 'goes', next: { DELETED: deleted } },
  FAILED: {
    open: false,
    queue: null,
    photo: 'untilRetry',
    next: { PENDING: '`retryRequest`', FAILED: 'the photo kept for a retry is dropped', DELETED: deleted },
  },
  CANCELLED: { open: false, queue: null, photo: 'goes', next: { DELETED: deleted } },
  DELETED: { open: false, queue: null, photo: 'goes', next: {} },
} as const satisfies Record<RequestStatus, Stage>;

type Lifecycle = typeof lifecycle;
type StatusWith<Part> = {
  [S in keyof Lifecycle]: Lifecycle[S] extends Part ? S : never;
}[keyof Lifecycle];
type RequestIn<S extends RequestStatus> = Extract<LesionRequest, { status: S }>;

export type OpenRequest = RequestIn<StatusWith<{ open: true }>>;
/** A FAILED request whose photo is still there for `retryRequest`. */
export type Retryable = RequestIn<'FAILED'> & { error: { retryable: true } };
/** What may follow each of these requests. */
export type NextStatus<R extends LesionRequest> = keyof Lifecycle[R['status'] & keyof Lifecycle]['next'];

/**
 * @throws Error for a status that a newer version of this program wrote. Nobody may guess what it means: whoever took
 *   it for one that has ended would delete a photo that somebody still needs.
 */
function stageOf(status: RequestStatus): Stage {
  if (!Object.hasOwn(lifecycle, status)) throw unknownStatus({ status });
  return lifecycle[status];
}

/** Ends a switch, too: `throw unknownStatus(request satisfies never)`. */
export function unknownStatus({ status }: { status: string }): Error {
  return new Error(`The status ${status} is not known to this version`);
}

/** Nothing more happens to it by itself. */
export function isTerminal(status: RequestStatus): boolean {
  return !stageOf(status).open;
}

export function isOpen(request: LesionRequest): request is OpenRequest {
  return stageOf(request.status).open;
}

/** Whether a worker of that queue is the one that it waits for. */
export function waitsFor<Queue extends QueueName>(
  queue: Queue,
  request: LesionRequest,
): request is RequestIn<StatusWith<{ queue: Queue }>> {
  return stageOf(request.status).queue === queue;
}

/** Whether nobody will need the photo any more. */
export function photoGoes(request: LesionRequest): boolean {
  const { photo } = stageOf(request.status);
  if (photo === 'untilRetry') return !canBeRetried(request);
  return photo === 'goes';
}

export function canBeRetried(request: LesionRequest): request is Retryable {
  return request.status === 'FAILED' && request.error.retryable;
}

export function mayBecome(from: RequestStatus, to: RequestStatus): boolean {
  return Object.hasOwn(stageOf(from).next, to);
}
