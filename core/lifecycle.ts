import type { RequestStatus } from './generated/schema.ts';
import type { LesionRequest } from './request.ts';

export type QueueName = 'inference' | 'enrichment';

interface Stage {
  /** Something will still happen by itself. Otherwise it has ended. */
  open: boolean;
  /** Whose worker it waits for. */
  queue: QueueName | null;
  /** Whether someone may still need the photo; `untilRetry`: as long as the request can be retried. */
  photo: 'kept' | 'untilRetry' | 'goes';
  /** What may follow, and what makes it so. */
  next: Partial<Record<RequestStatus, string>>;
}

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
type StatusWith<Part extends Partial<Stage>> = {
  [S in RequestStatus]: Lifecycle[S] extends Part ? S : never;
}[RequestStatus];
type RequestIn<S extends RequestStatus> = Extract<LesionRequest, { status: S }>;

export type OpenRequest = RequestIn<StatusWith<{ open: true }>>;

/** Nothing more happens to it by itself. */
export function isTerminal(status: RequestStatus): boolean {
  return !lifecycle[status].open;
}

export function isOpen(request: LesionRequest): request is OpenRequest {
  return lifecycle[request.status].open;
}

/** Whether a worker of that queue is the one that it waits for. */
export function waitsFor<Queue extends QueueName>(
  queue: Queue,
  request: LesionRequest,
): request is RequestIn<StatusWith<{ queue: Queue }>> {
  return queueOf(request.status) === queue;
}

export function queueOf(status: RequestStatus): QueueName | null {
  return lifecycle[status].queue;
}

/** Whether nobody will need the photo any more. */
export function photoGoes(request: LesionRequest): boolean {
  const { photo } = lifecycle[request.status];
  if (photo === 'untilRetry') return !canBeRetried(request);
  return photo === 'goes';
}

export function canBeRetried(request: LesionRequest): boolean {
  return request.status === 'FAILED' && request.error.retryable;
}

export function mayBecome(from: RequestStatus, to: RequestStatus): boolean {
  return Object.hasOwn(lifecycle[from].next, to);
}
