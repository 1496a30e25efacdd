import { phrasesFor } from './description/phrases.ts';
import type { Request } from './generated/schema.ts';
import type { LesionRequest, LiveRequest } from './request.ts';

/** A request as the API shows it, to its owner alone: the photo's key, deadlines and takers stay inside. */
export function viewOf(request: LesionRequest): Request {
  const { requestId, owner, status, version, updatedAt } = request;
  const common = { requestId, owner, status, version, updatedAt, expiresAt: iso(request.expiresAt) };
  if (request.status === 'DELETED') return { ...common, disclaimer: phrasesFor('en').disclaimer };
  return { ...common, ...detailsOf(request) } satisfies EveryField;
}

/** A field that is new in the contract does not compile before something is said of it here. */
type EveryField = Required<Request>;

function detailsOf(request: LiveRequest) {
  const result = 'predictions' in request ? request : undefined;
  return {
    submittedAt: request.submittedAt,
    describe: request.describe,
    locale: request.locale,
    reference: request.reference ?? null,
    attempt: request.attempt,
    timeline: request.timeline,
    predictions: result?.predictions ?? [],
    assessment: result?.assessment ?? null,
    heatmap: result?.heatmap ?? null,
    imageQuality: result?.imageQuality ?? null,
    model: result?.model ?? null,
    timings: result?.timings ?? null,
    description: request.status === 'COMPLETED' ? (request.description ?? null) : null,
    error: request.status === 'FAILED' ? request.error : null,
    disclaimer: phrasesFor(request.locale).disclaimer,
  };
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
