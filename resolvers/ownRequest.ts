import * as z from 'zod';
import { notFound } from '../core/errors.ts';
import type { LesionRequest, LiveRequest } from '../core/request.ts';

export const requestIdArguments = z.object({ requestId: z.string().min(1).max(100) });

/** Someone else's request is no different from one that is not there. */
export function ownRequest(request: LesionRequest | undefined, owner: string): LesionRequest | undefined {
  return request?.owner === owner ? request : undefined;
}

/** @throws LesionError NotFound if it is not there, not the caller's, or deleted */
export function ownLiveRequest(request: LesionRequest | undefined, owner: string): LiveRequest {
  const own = ownRequest(request, owner);
  if (!own || own.status === 'DELETED') throw notFound();
  return own;
}
