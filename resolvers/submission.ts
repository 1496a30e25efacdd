import { isDeepStrictEqual } from 'node:util';
import { v5 as uuidV5 } from 'uuid';
import { LesionError } from '../core/errors.ts';
import type { SubmitRequestInput } from '../core/generated/schema.ts';
import { submissionDefaults } from '../core/limits.ts';
import type { Asked, LesionRequest } from '../core/request.ts';

/** Namespace of our version 5 UUIDs; any fixed UUID of our own does. */
const namespace = '5f2c8bd0-64a1-4d2c-9f1e-0a8f3f6f7d11';

/**
 * The same owner and token give the same request id, so submitting twice meets the first request.
 * @param token `clientToken`, or without one the image key
 */
export function requestIdFor(owner: string, token: string): string {
  return uuidV5(`${owner}\n${token.toLowerCase()}`, namespace);
}

/**
 * What was asked for, with what is assumed where the input does not say. Complete by its type: a field that is new in
 * SubmitRequestInput does not compile before it is stored and compared.
 */
export function submissionOf({ describe, locale, reference }: Partial<SubmitRequestInput>) {
  return {
    describe: describe ?? submissionDefaults.describe,
    locale: locale ?? submissionDefaults.locale,
    reference: reference ?? undefined,
  } satisfies Record<Asked, unknown>;
}

/**
 * The request that a repeated clientToken, or imageKey without one, stands for.
 * @throws LesionError Conflict if it came with another input before
 */
export function sameSubmission(existing: LesionRequest, input: SubmitRequestInput): LesionRequest {
  if (existing.status === 'DELETED') {
    throw new LesionError(
      'Conflict',
      'The request of this photo or clientToken was deleted. Upload the photo again, or choose a new token.',
    );
  }
  const before = { ...submissionOf(existing), imageKey: existing.image.key };
  if (isDeepStrictEqual(before, { ...submissionOf(input), imageKey: input.imageKey })) return existing;
  throw new LesionError(
    'Conflict',
    'This photo or clientToken was submitted with another input. A new request needs a new upload and a new token.',
    {
      info: { requestId: existing.requestId },
    },
  );
}
