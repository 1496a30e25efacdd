import { type Describer, type FallbackReason, NoDescription } from '../../adapters/describer/describer.ts';
import type { HandoverStore } from '../../adapters/handover/handover.ts';
import { log } from '../../adapters/log.ts';
import type { RequestStore } from '../../adapters/requestStore.ts';
import { type Briefing, briefingOf, rebuiltHandoverOf } from '../../core/description/briefing.ts';
import { checkDescription } from '../../core/description/check.ts';
import { describeByTemplate } from '../../core/description/template.ts';
import type { Description } from '../../core/generated/schema.ts';
import { waitsFor } from '../../core/lifecycle.ts';
import type { AwaitingDescription } from '../../core/request.ts';
import { saveDescription } from '../../core/transitions.ts';

export interface EnrichmentWorker {
  requests: RequestStore;
  handover: Pick<HandoverStore, 'get' | 'remove'>;
  describer: Describer;
  now(): Date;
}

/**
 * Describes a request's result and completes it, by the LLM if it can and by the template if it can't. Where no class may
 * be shown there is nothing to describe, and an LLM could only invent: the template alone says why.
 * Tests: test/lifecycle/.
 *
 * @throws Error if the request store fails and the message should come again
 */
export async function describeRequest(worker: EnrichmentWorker, requestId: string): Promise<void> {
  const request = await worker.requests.get(requestId);
  if (request && waitsFor('enrichment', request)) await complete(worker, request);
  await worker.handover.remove(requestId);
}

async function complete(worker: EnrichmentWorker, request: AwaitingDescription): Promise<void> {
  const { requestId } = request;
  const description = await describe(worker, request);
  const change = await worker.requests.change(
    requestId,
    (current) => (waitsFor('enrichment', current) ? saveDescription(current, description, worker.now()) : undefined),
    request,
  );
  if (!change) return log.info('description dropped: the request has moved on', { requestId });
  log.info('described', { requestId, reason: description.fallbackReason ?? description.source });
}

async function describe(worker: EnrichmentWorker, request: AwaitingDescription): Promise<Description> {
  const handedOver = await worker.handover.get(request.requestId);
  const briefing = briefingOf(handedOver ?? rebuiltHandoverOf(request), request.locale);
  const common = { language: request.locale, input: handedOver ? ('handover' as const) : ('rebuilt' as const) };
  const answer =
    briefing.triage === 'INCONCLUSIVE' ? 'inconclusive' : await askLlm(worker.describer, briefing, request.requestId);
  if (typeof answer !== 'string') return { ...common, ...answer, source: 'openai', fallbackReason: null };
  return { ...common, text: describeByTemplate(briefing), source: 'template', model: null, fallbackReason: answer };
}

async function askLlm(
  describer: Describer,
  briefing: Briefing,
  requestId: string,
): Promise<{ text: string; model: string } | FallbackReason> {
  try {
    const answer = await describer.describe(briefing);
    const objection = checkDescription(answer.text, briefing);
    if (objection === null) return answer;
    log.warn('description refused', { requestId, reason: objection });
    return 'unusable';
  } catch (error) {
    if (!(error instanceof NoDescription)) throw error;
    log.warn('no description', { requestId, reason: error.reason, error: error.cause });
    return error.reason;
  }
}
