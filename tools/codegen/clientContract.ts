import { readFileSync } from 'node:fs';
import { errorTypes } from '../../core/errors.ts';
import { lifecycle } from '../../core/lifecycle.ts';
import { limits } from '../../core/limits.ts';

/**
 * graphql-codegen plugin: what the client shares with the server beside the schema. The client is a package of its own
 * and imports nothing of ours, so it gets a copy that cannot go stale.
 */
export function plugin() {
  const ended = Object.entries(lifecycle).flatMap(([status, { open }]) => (open ? [] : [status]));
  const content = `
/** Statuses after which nothing more happens by itself. */
export const endedStatuses = ${JSON.stringify(ended)} as const satisfies readonly RequestStatus[];

/** What the API takes. */
export const limits = ${JSON.stringify(limits, undefined, 2)} as const;

/** The server's errors, and whether the same call again can help. */
export const serverErrors = ${JSON.stringify(errorTypes, undefined, 2)} as const;

${readFileSync('core/errorInfo.ts', 'utf8').replace(' The client has this file too, by code generation.', '')}`;
  return { prepend: ["import type { RequestStatus } from './operations.ts';"], content };
}
