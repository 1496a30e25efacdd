import { briefingOf, rebuiltHandoverOf } from '../../core/description/briefing.ts';
import { describeByTemplate } from '../../core/description/template.ts';
import type { AwaitingDescription, Completed, Failed, LesionRequest } from '../../core/request.ts';
import { fail, saveDescription } from '../../core/transitions.ts';

const noMoreTries = 'The photo could not be classified, though it was tried several times. Retry the request later.';

/** How a request ends whose message nobody could work off: without the numbers FAILED, with them COMPLETED. */
export function giveUp(request: LesionRequest, now: Date): Failed | Completed | undefined {
  switch (request.status) {
    case 'PENDING':
    case 'PROCESSING':
      return fail(request, 'InferenceFailed', noMoreTries, now);
    case 'AWAITING_DESCRIPTION':
      return completeByTemplate(request, now);
    default:
      return undefined;
  }
}

export function completeByTemplate(request: AwaitingDescription, now: Date): Completed {
  const text = describeByTemplate(briefingOf(rebuiltHandoverOf(request), request.locale));
  const description = { text, source: 'template', language: request.locale, input: 'rebuilt' } as const;
  return saveDescription(request, { ...description, model: null, fallbackReason: 'gave_up' }, now);
}
