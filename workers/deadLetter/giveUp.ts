import { completeByTemplate } from '../../core/description/completeByTemplate.ts';
import { unknownStatus } from '../../core/lifecycle.ts';
import type { AwaitingDescription, Completed, Failed, LesionRequest, Pending } from '../../core/request.ts';
import { fail } from '../../core/transitions.ts';

const noMoreTries = 'The photo could not be classified, though it was tried several times. Retry the request later.';

/** A message whose tries are used up. It keeps its id and its time when SQS moves it to the dead letters. */
export interface DeadLetter {
  messageId: string;
  sentAt: Date;
}

/** Milliseconds that the clocks of SQS and of a function may be apart. */
const CLOCK_SKEW = 1000;

/**
 * How a request ends whose message nobody could work off: without the numbers FAILED, with them COMPLETED.
 *
 * @returns undefined where the letter says nothing about the request: it has ended, it was retried since, or the worker
 *   of another message holds it. Should that one fail too, its own letter comes, or else the sweeper.
 */
export function giveUp(request: LesionRequest, letter: DeadLetter, now: Date): Failed | Completed | undefined {
  switch (request.status) {
    case 'PENDING':
      return isOfThisSeries(letter, request) ? fail(request, 'InferenceFailed', noMoreTries, now) : undefined;
    case 'PROCESSING':
      return letter.messageId === request.takenBy ? fail(request, 'InferenceFailed', noMoreTries, now) : undefined;
    case 'AWAITING_DESCRIPTION':
      return isOfThisSeries(letter, request) ? completeByTemplate(request, now) : undefined;
    case 'COMPLETED':
    case 'FAILED':
    case 'CANCELLED':
    case 'DELETED':
      return undefined;
    default:
      throw unknownStatus(request satisfies never);
  }
}

function isOfThisSeries({ sentAt }: DeadLetter, { queuedAt }: Pending | AwaitingDescription): boolean {
  return sentAt.getTime() >= Date.parse(queuedAt) - CLOCK_SKEW;
}
