import type { AwaitingDescription, Completed } from '../request.ts';
import { saveDescription } from '../transitions.ts';
import { briefingOf, rebuiltHandoverOf } from './briefing.ts';
import { describeByTemplate } from './template.ts';

/** Ends a request whose description nobody could write: the numbers stand, and the template says what they are. */
export function completeByTemplate(request: AwaitingDescription, now: Date): Completed {
  const text = describeByTemplate(briefingOf(rebuiltHandoverOf(request), request.locale));
  const description = { text, source: 'template', language: request.locale, input: 'rebuilt' } as const;
  return saveDescription(request, { ...description, model: null, fallbackReason: 'gave_up' }, now);
}
