import { endedStatuses } from './generated/contract.ts';
import type { ModelFieldsFragment, RequestFieldsFragment, RequestStatus } from './generated/operations.ts';

/** A request with every field of the contract. */
export type Request = RequestFieldsFragment;
export type Model = ModelFieldsFragment;
export type { Locale, RequestStatus } from './generated/operations.ts';

/** A version of a request that is newer than the one before, and how it came. */
export interface Update {
  request: Request;
  /** `push`: through the subscription; `read`: fetched, because pushes can be lost. */
  via: 'push' | 'read';
}

const ended: ReadonlySet<RequestStatus> = new Set<RequestStatus>(endedStatuses);

/** Nothing more happens to it by itself; only `retry` or `remove` change it. */
export function hasEnded(request: Pick<Request, 'status'>): boolean {
  return ended.has(request.status);
}
