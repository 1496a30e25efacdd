import * as z from 'zod';
import { LesionError } from '../core/errors.ts';

const cognitoIdentity = z.object({ sub: z.string().min(1), issuer: z.string().min(1) });

/** All callers with the API key are one tenant. */
export const apiKeyOwner = 'apikey';

/**
 * Whose requests a caller may see, from AppSync's identity: a Cognito user's own, or the API key's. A copy of the rule
 * in `Subscription.onRequestUpdated.js`, which must stand alone.
 *
 * @param identity `identity` of the resolver context; null with an API key
 * @throws LesionError Unauthorized for any other kind of caller
 */
export function ownerOf(identity: unknown): string {
  if (identity === null) return apiKeyOwner;
  const parsed = cognitoIdentity.safeParse(identity);
  if (!parsed.success) throw new LesionError('Unauthorized', 'Sign in with Cognito, or use the API key.');
  return `cognito#${parsed.data.sub}`;
}
