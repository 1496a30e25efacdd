import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LesionError } from '../../core/errors.ts';
import type { RequestStatus } from '../../core/generated/schema.ts';
import { isTerminal } from '../../core/lifecycle.ts';
import type { LesionRequest, LiveRequest } from '../../core/request.ts';
import { aResult, aSubmission, at } from '../../core/testing/requests.ts';
import * as transitions from '../../core/transitions.ts';
import { type DeadLetter, giveUp } from '../../workers/deadLetter/giveUp.ts';

const description = { text: 'Numbers.', source: 'template', language: 'en', input: 'handover' } as const;

/** What the model keeps of a request: nothing that it could copy from the code under test. */
interface Model {
  status: RequestStatus;
  version: number;
  attempt: number;
  series: number;
  ends: number;
  retryable: boolean;
}

interface Operation {
  /** Status to status, for a request that is to be described if `describe`. Elsewhere it changes nothing. */
  leads(model: Model, describe: boolean): RequestStatus | undefined;
  /** As its caller runs it: undefined where the caller leaves the request as it is. */
  run(request: LesionRequest, now: Date): LesionRequest | undefined;
  /** What else becomes of the model. */
  also?: Partial<Model>;
}

const takeBy = (messageId: string): Operation => ({
  leads: ({ status }) => (isQueued(status) ? 'PROCESSING' : undefined),
  run: (request, now) =>
    request.status === 'PENDING' || request.status === 'PROCESSING'
      ? transitions.take(request, messageId, now)
      : undefined,
});

const failWith = (code: 'UnsupportedImage' | 'InferenceFailed', retryable: boolean): Operation => ({
  leads: ({ status }) => (isQueued(status) ? 'FAILED' : undefined),
  run: (request, now) =>
    request.status === 'PENDING' || request.status === 'PROCESSING'
      ? transitions.fail(request, code, 'Because.', now)
      : undefined,
  also: { retryable },
});

function givenUp({ status }: Model): RequestStatus | undefined {
  if (isQueued(status)) return 'FAILED';
  return status === 'AWAITING_DESCRIPTION' ? 'COMPLETED' : undefined;
}

function letterTo(request: LesionRequest, messageId: string): DeadLetter {
  return { messageId, sentAt: new Date('queuedAt' in request ? request.queuedAt : 0) };
}

const operations: Record<string, Operation> = {
  'take by message a': takeBy('a'),
  'take by message b': takeBy('b'),
  'save the prediction': {
    leads: ({ status }, describe) =>
      status === 'PROCESSING' ? (describe ? 'AWAITING_DESCRIPTION' : 'COMPLETED') : undefined,
    run: (request, now) =>
      request.status === 'PROCESSING' ? transitions.savePrediction(request, aResult(), now) : undefined,
  },
  'save the description': {
    leads: ({ status }) => (status === 'AWAITING_DESCRIPTION' ? 'COMPLETED' : undefined),
    run: (request, now) =>
      request.status === 'AWAITING_DESCRIPTION' ? transitions.saveDescription(request, description, now) : undefined,
  },
  'fail for good': failWith('UnsupportedImage', false),
  'fail for now': failWith('InferenceFailed', true),
  'give up, by the message at work': {
    leads: givenUp,
    run: (request, now) => giveUp(request, letterTo(request, 'takenBy' in request ? request.takenBy : 'a'), now),
    also: { retryable: true },
  },
  'give up, by another message': {
    leads: (model) => (model.status === 'PROCESSING' ? undefined : givenUp(model)),
    run: (request, now) => giveUp(request, letterTo(request, 'c'), now),
    also: { retryable: true },
  },
  'give up, by a message that an earlier series left': {
    leads: () => undefined,
    run: (request, now) => giveUp(request, { messageId: 'c', sentAt: new Date(0) }, now),
  },
  cancel: {
    leads: ({ status }) => (isTerminal(status) ? undefined : 'CANCELLED'),
    run: (request, now) => transitions.cancel(live(request), now),
  },
  retry: {
    leads: ({ status, retryable }) => (status === 'FAILED' && retryable ? 'PENDING' : undefined),
    run: (request, now) => transitions.retry(live(request), now),
  },
  erase: {
    leads: ({ status }) => (status === 'DELETED' ? undefined : 'DELETED'),
    run: (request, now) => transitions.erase(live(request), now),
  },
  'forget the photo': {
    leads: ({ status, retryable }) => (status === 'FAILED' && retryable ? 'FAILED' : undefined),
    run: (request, now) =>
      request.status === 'FAILED' && request.error.retryable ? transitions.forgetPhoto(request, now) : undefined,
    also: { retryable: false },
  },
};

test('whatever happens in whatever order, a request keeps to the table of the architecture', () => {
  const anyOperation = fc.constantFrom(...Object.keys(operations));
  fc.assert(
    fc.property(fc.boolean(), fc.array(anyOperation, { maxLength: 25 }), (describe, names) => {
      let request: LesionRequest = transitions.submit(aSubmission({ describe }), 30, at(0));
      let model: Model = { status: 'PENDING', version: 1, attempt: 0, series: 1, ends: 0, retryable: false };
      for (const [index, name] of names.entries()) {
        const { run, leads, also } = operations[name]!;
        const status = leads(model, describe);
        const after = attempt(() => run(request, at(index + 1)));
        if (!status) {
          expect(after === undefined || after instanceof LesionError).toBe(true);
          continue;
        }
        model = next(model, status, also);
        expectLike(model, after);
        request = after;
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what the status forbids is a Conflict that names the status', () => {
  const ended = transitions.cancel(transitions.submit(aSubmission(), 30, at(0)), at(1));
  for (const forbidden of [transitions.cancel, transitions.retry]) {
    const error = attempt(() => forbidden(ended, at(2)));
    expect(error).toMatchObject({ type: 'Conflict', info: { status: 'CANCELLED' } });
  }
});

test('postponing an open request moves its deadline and nothing else', () => {
  const pending = transitions.submit(aSubmission(), 30, at(0));
  const { dueAt, ...rest } = transitions.postpone(pending, at(60));
  expect(Date.parse(dueAt)).toBeGreaterThan(Date.parse(pending.dueAt));
  expect({ ...rest, dueAt: pending.dueAt }).toEqual(pending);
});

function next(model: Model, status: RequestStatus, also: Partial<Model> = {}): Model {
  const changed = status !== model.status;
  return {
    status,
    version: model.version + 1,
    attempt: model.attempt + Number(status === 'PROCESSING'),
    series: model.series + Number(status === 'PENDING'),
    ends: model.ends + Number(changed && isTerminal(status) && status !== 'DELETED'),
    retryable: status === 'FAILED' ? (also.retryable ?? model.retryable) : false,
  };
}

function expectLike(model: Model, actual: LesionRequest | LesionError | undefined): asserts actual is LesionRequest {
  if (!actual || actual instanceof LesionError) throw new Error(`No ${model.status}: ${actual?.message}`);
  expect(actual).toMatchObject({ status: model.status, version: model.version });
  const due = 'dueAt' in actual && actual.dueAt !== undefined;
  if (!isTerminal(model.status) || (model.status === 'FAILED' && model.retryable)) expect(due).toBe(true);
  if (model.status === 'DELETED') expect(due).toBe(false);
  if (actual.status === 'DELETED') return;
  const statuses = actual.timeline.map((entry) => entry.status);
  expect(statuses.at(-1)).toBe(model.status);
  expect(actual.attempt).toBe(model.attempt);
  expect(statuses.filter((status) => status === 'PENDING')).toHaveLength(model.series);
  expect(statuses.filter(isTerminal)).toHaveLength(model.ends);
  expect(model.ends).toBe(model.series - Number(!isTerminal(model.status)));
  if (actual.status === 'FAILED') expect(actual.error.retryable).toBe(model.retryable);
}

function attempt<T>(act: () => T): T | LesionError {
  try {
    return act();
  } catch (error) {
    if (error instanceof LesionError) return error;
    throw error;
  }
}

function isQueued(status: RequestStatus): boolean {
  return status === 'PENDING' || status === 'PROCESSING';
}

/** The resolvers answer NotFound for a tombstone, before any transition. */
function live(request: LesionRequest): LiveRequest {
  if (request.status === 'DELETED') throw new LesionError('NotFound', 'It was deleted.');
  return request;
}
