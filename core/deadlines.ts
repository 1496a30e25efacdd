const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** All in milliseconds. */
export const deadlines = {
  /** An open request whose message seems lost is sent again, at most this often. */
  requeuePending: 15 * MINUTE,
  /** Longer than all redeliveries of the inference queue together (5 receives × 12 minutes at most). */
  requeueProcessing: 75 * MINUTE,
  requeueDescription: 75 * MINUTE,
  /** A backlog is no failure, but after a day the photo is gone. */
  giveUp: 24 * HOUR,
  /** Whoever ends a request deletes its photo; by then the sweeper does it, if that one died in between. */
  deletePhoto: 5 * MINUTE,
  /** How long the photo of a request that FAILED waits for a retry; an hour inside the promised 24. */
  keepPhotoAfterFailure: 23 * HOUR,
  /** A retried request does not expire before it has ended and its photo is gone. */
  keepRetried: 3 * 24 * HOUR,
  /** A deleted request's id and version, so that every client hears of it. */
  keepTombstone: 24 * HOUR,
} as const;

export function later(now: Date, milliseconds: number): string {
  return new Date(now.getTime() + milliseconds).toISOString();
}

/** Epoch seconds, as DynamoDB's TTL wants them. */
export function epochSeconds(now: Date, milliseconds = 0): number {
  return Math.floor((now.getTime() + milliseconds) / SECOND);
}
