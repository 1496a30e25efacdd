import * as z from 'zod';
import { environment } from '../adapters/environment.ts';
import { createImageStore } from '../adapters/imageStore.ts';
import { createWorkQueue } from '../adapters/queues.ts';
import { createRateLimiter } from '../adapters/rateLimiter.ts';
import { createRequestStore } from '../adapters/requestStore.ts';
import { localeValues } from '../core/generated/enums.ts';
import type { SubmitRequestInput } from '../core/generated/schema.ts';
import type { LesionRequest } from '../core/request.ts';
import { viewOf } from '../core/requestView.ts';
import { submit } from '../core/transitions.ts';
import { fieldHandler } from './field.ts';
import { assertOwnImageKey } from './imageKey.ts';
import { requestIdFor, sameSubmission, submissionOf } from './submission.ts';

const env = environment([
  'REQUEST_TABLE_NAME',
  'RATE_LIMIT_TABLE_NAME',
  'SUBMISSIONS_PER_MINUTE',
  'UPLOAD_BUCKET_NAME',
  'INFERENCE_QUEUE_URL',
  'RETENTION_DAYS',
]);
export type Environment = typeof env;

const requests = createRequestStore(env.REQUEST_TABLE_NAME);
const rateLimiter = createRateLimiter(env.RATE_LIMIT_TABLE_NAME, Number(env.SUBMISSIONS_PER_MINUTE));
const images = createImageStore(env.UPLOAD_BUCKET_NAME);
const inferenceQueue = createWorkQueue(env.INFERENCE_QUEUE_URL);

const args = z.object({
  // Complete by its type: zod drops in silence what it is not told of.
  input: z.object({
    imageKey: z.string().max(200),
    describe: z.boolean().nullish(),
    locale: z.enum(localeValues).nullish(),
    clientToken: z.guid('must be a UUID').nullish(),
    reference: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ -')
      .nullish(),
  } satisfies Record<keyof SubmitRequestInput, z.ZodType>),
});

/** Tests: test/e2e/requests.test.ts, test/security/races.test.ts and limits.test.ts. */
export const handler = fieldHandler<'Mutation.submitRequest'>(args, async ({ input }, owner) => {
  // Without a token the photo stands for itself: it is deleted with its request, so it serves one.
  const requestId = requestIdFor(owner, input.clientToken ?? input.imageKey);
  const request = (await earlier(requestId, input)) ?? (await create(requestId, owner, input));
  // A repeated submit nudges again, in case the first one's message was never sent. More nudges do no harm.
  if (request.status === 'PENDING') await inferenceQueue.send(requestId);
  return viewOf(request);
});

async function earlier(requestId: string, input: SubmitRequestInput): Promise<LesionRequest | undefined> {
  const found = await requests.get(requestId);
  return found && sameSubmission(found, input);
}

async function create(requestId: string, owner: string, input: SubmitRequestInput): Promise<LesionRequest> {
  assertOwnImageKey(input.imageKey, owner);
  await rateLimiter.count(owner, requestId);
  const image = await images.pin(input.imageKey).catch((error: Error) => error);
  if (image instanceof Error) {
    // A twin of this call may have been so much faster that the photo has come and gone.
    const twin = await earlier(requestId, input);
    if (twin) return twin;
    throw image;
  }
  const request = submit({ requestId, owner, image, ...submissionOf(input) }, Number(env.RETENTION_DAYS), new Date());
  if ((await requests.create(request)) === 'created') return request;
  // A twin of this call was faster.
  return (await earlier(requestId, input)) ?? request;
}
