import * as z from 'zod';
import { environment } from '../adapters/environment.ts';
import { createRequestStore, type PageStart } from '../adapters/requestStore.ts';
import { LesionError } from '../core/errors.ts';
import type { QueryListRequestsArgs } from '../core/generated/schema.ts';
import { viewOf } from '../core/requestView.ts';
import { fieldHandler } from './field.ts';

const env = environment(['REQUEST_TABLE_NAME']);
export type Environment = typeof env;

const requests = createRequestStore(env.REQUEST_TABLE_NAME);

const args = z.object({
  limit: z.int().min(1).max(100).nullish(),
  nextToken: z.string().max(500).nullish(),
} satisfies Record<keyof QueryListRequestsArgs, z.ZodType>);
const defaultLimit = 20;

export const handler = fieldHandler<'Query.listRequests'>(args, async ({ limit, nextToken }, owner) => {
  const start = nextToken ? decode(nextToken) : null;
  const page = await requests.listByOwner(owner, limit ?? defaultLimit, start);
  return { items: page.items.map(viewOf), nextToken: page.next ? encode(page.next) : null };
});

const pageStart = z.object({ requestId: z.guid(), submittedAt: z.iso.datetime() });

/** The owner is not in it: a token taken from someone else leads into one's own list. */
function encode(start: PageStart): string {
  return Buffer.from(JSON.stringify(start)).toString('base64url');
}

function decode(token: string): PageStart {
  try {
    return pageStart.parse(JSON.parse(Buffer.from(token, 'base64url').toString()));
  } catch (cause) {
    throw new LesionError('InvalidInput', 'nextToken: give back the one of the page before, unchanged.', { cause });
  }
}
