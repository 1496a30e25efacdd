import type { HandoverStore } from '../../adapters/handover/handover.ts';
import type { ImageStore } from '../../adapters/imageStore.ts';
import { log } from '../../adapters/log.ts';
import type { WorkQueue } from '../../adapters/queues.ts';
import type { RequestStore } from '../../adapters/requestStore.ts';
import type { Classifier } from '../../classifier/classifier.ts';
import { handoverOf } from '../../core/description/briefing.ts';
import { LesionError } from '../../core/errors.ts';
import { isTerminal, photoGoes, waitsFor } from '../../core/lifecycle.ts';
import type { LesionRequest, Pending, Processing, Result } from '../../core/request.ts';
import { fail, savePrediction, take } from '../../core/transitions.ts';
import { TryLater } from '../queueHandler.ts';

export interface InferenceWorker {
  requests: RequestStore;
  images: ImageStore;
  handover: Pick<HandoverStore, 'put'>;
  enrichmentQueue: Pick<WorkQueue, 'send'>;
  classify: Classifier;
  /** As long as a function can run: until then, whoever took a request may still be at it. */
  leaseSeconds: number;
  now(): Date;
}

/**
 * One message's work. Returns when all that had to be written is written, so that the message can go; running it again
 * at any point does no harm.
 * Tests: test/lifecycle/.
 *
 * @throws TryLater if another message's worker holds the request
 * @throws Error if something outside failed and the message should come again
 */
export async function classifyRequest(worker: InferenceWorker, requestId: string, messageId: string): Promise<void> {
  const taken = await worker.requests.change(requestId, (request) =>
    waitsFor('inference', request) ? takeUnlessHeld(request, messageId, worker) : undefined,
  );
  if (!taken) return await finish(worker, requestId);
  try {
    const result = await classifyPhoto(worker, taken.after);
    await save(worker, taken.after, result);
  } catch (error) {
    if (!(error instanceof LesionError)) throw error;
    await reject(worker, taken.after, error);
  }
}

/** A second message for a request waits for the first one's worker; the same message again means that one died. */
function takeUnlessHeld(
  request: Pending | Processing,
  messageId: string,
  { leaseSeconds, now }: InferenceWorker,
): Processing {
  const at = now();
  if (request.status === 'PROCESSING' && request.takenBy !== messageId) {
    const heldFor = leaseSeconds - (at.getTime() - Date.parse(request.updatedAt)) / 1000;
    if (heldFor > 0) throw new TryLater(heldFor);
  }
  return take(request, messageId, at);
}

async function classifyPhoto(worker: InferenceWorker, request: Processing): Promise<Result> {
  const start = performance.now();
  const bytes = await worker.images.get(request.image);
  const fetch = performance.now() - start;
  const { result, timings } = await worker.classify(bytes);
  const queued = Date.parse(request.updatedAt) - Date.parse(request.queuedAt);
  const total = worker.now().getTime() - Date.parse(request.queuedAt);
  return { ...result, timings: { queued, fetch, decode: timings.decode, inference: timings.inference, total } };
}

async function save(worker: InferenceWorker, taken: Processing, result: Result): Promise<void> {
  const saved = await worker.requests.change(
    taken.requestId,
    (now) => (isSame(now, taken) ? savePrediction(now, result, worker.now()) : undefined),
    taken,
  );
  if (!saved) return log.info('result dropped: the request has moved on', { requestId: taken.requestId });
  if (saved.after.status === 'AWAITING_DESCRIPTION') {
    await worker.handover.put(taken.requestId, handoverOf(result));
    await worker.enrichmentQueue.send(taken.requestId);
  }
  // The numbers are safe, and the describer is the last to need the photo.
  if (photoGoes(saved.after)) await worker.images.remove(taken.image.key);
  log.info('classified', {
    requestId: taken.requestId,
    attempt: taken.attempt,
    milliseconds: result.timings.total ?? 0,
  });
}

async function reject(worker: InferenceWorker, taken: Processing, error: LesionError): Promise<void> {
  const { type, message } = error;
  const decide = (now: LesionRequest) => (isSame(now, taken) ? fail(now, type, message, worker.now()) : undefined);
  const change = await worker.requests.change(taken.requestId, decide, taken);
  if (change && photoGoes(change.after)) await worker.images.remove(taken.image.key);
  log.info('rejected', { requestId: taken.requestId, code: type });
}

/** Still in the hands of the worker that took it, and not cancelled, deleted or taken over meanwhile. */
function isSame(request: LesionRequest, taken: Processing): request is Processing {
  return request.status === 'PROCESSING' && request.version === taken.version;
}

/** What a worker that died after its last write left to do. */
async function finish(worker: InferenceWorker, requestId: string): Promise<void> {
  const request = await worker.requests.get(requestId);
  if (!request) return;
  const isToDescribe = waitsFor('enrichment', request);
  // Of one that has ended, the enrichment worker deletes the hand-over that may have been left.
  const mayLeaveHandover = isTerminal(request.status) && (request.status === 'DELETED' || request.describe);
  if (isToDescribe || mayLeaveHandover) await worker.enrichmentQueue.send(requestId);
  if (photoGoes(request) && request.status !== 'DELETED') await worker.images.remove(request.image.key);
}
