import { v5 as uuidV5 } from 'uuid';
import { LesionError } from '../core/errors.ts';
import type { SubmitRequestInput } from '../core/generated/schema.ts';
import type { LesionRequest } from '../core/request.ts';

/** Namespace of our version 5 UUIDs; any fixed UUID of our own does. */
const namespace = '5f2c8bd0-64a1-4d2c-9f1e-0a8f3f6f7d11';

/** The same owner and token give the same request id, so submitting twice meets the first request. */
export function requestIdFor(owner: string, clientToken: string): string {
  return uuidV5(`${owner}\n${clientToken.toLowerCase()}`, namespace);
}

/**
 * The request that a repeated clientToken stands for.
 * @throws LesionError Conflict if the token came with another input before
 */
export function sameSubmission(existing: LesionRequest, input: SubmitRequestInput): LesionRequest {
  if (existing.status === 'DELETED') {
    throw new LesionError('Conflict', 'The request with this clientToken was deleted. Choose a new token.');
  }
  const same =
    existing.image.key === input.imageKey &&
    existing.describe === (input.describe ?? false) &&
    existing.locale === (input.locale ?? 'en') &&
    (existing.reference ?? null) === (input.reference ?? null);
  if (same) return existing;
  throw new LesionError(
    'Conflict',
    'This clientToken was used with another input. Choose a new token for a new request.',
    {
      info: { requestId: existing.requestId },
    },
  );
}
