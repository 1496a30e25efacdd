import { describe, expect, test } from 'vitest';
import type { Description } from './generated/schema.ts';
import { isTerminal } from './lifecycle.ts';
import { isExpired } from './request.ts';
import { aResult, aSubmission, at, processing } from './testing/requests.ts';
import {
  cancel,
  erase,
  fail,
  forgetPhoto,
  retry,
  saveDescription,
  savePrediction,
  settle,
  submit,
  take,
} from './transitions.ts';

const description: Description = { text: 'Numbers.', source: 'template', language: 'en', input: 'handover' };

describe('a request', () => {
  test('goes from PENDING to COMPLETED, each step one version and one timeline entry further', () => {
    const pending = submit(aSubmission({ describe: true }), 30, at(0));
    const taken = take(pending, 'message-1', at(1));
    const awaiting = savePrediction(taken, aResult(), at(2));
    if (awaiting.status !== 'AWAITING_DESCRIPTION') throw new Error(awaiting.status);
    const completed = saveDescription(awaiting, description, at(3));

    expect(completed.version).toBe(4);
    expect(completed.timeline).toEqual([
      { status: 'PENDING', at: at(0).toISOString() },
      { status: 'PROCESSING', at: at(1).toISOString() },
      { status: 'AWAITING_DESCRIPTION', at: at(2).toISOString() },
      { status: 'COMPLETED', at: at(3).toISOString() },
    ]);
    expect(completed.description).toEqual(description);
  });

  test('is COMPLETED with the prediction alone where no description was asked for', () => {
    expect(savePrediction(processing({ describe: false }), aResult(), at(2)).status).toBe('COMPLETED');
  });

  test('stays due when it has ended, until its photo is known to be gone', () => {
    const completed = savePrediction(processing({ describe: false }), aResult(), at(2));
    if (completed.status !== 'COMPLETED') throw new Error(completed.status);
    const failed = fail(processing(), 'UnsupportedImage', 'Send a photo.', at(2));
    for (const ended of [completed, cancel(processing(), at(2)), failed] as const) {
      const { dueAt = '', ...rest } = ended;
      expect(Date.parse(dueAt) - at(2).getTime()).toBe(5 * 60_000);
      expect(settle(ended)).toEqual(rest);
    }
  });

  test('counts an attempt each time it is taken', () => {
    expect(take(processing(), 'message-2', at(2)).attempt).toBe(2);
  });

  test('that FAILED for a passing reason stays due, so that its photo is dropped in time', () => {
    const failed = fail(processing(), 'InferenceFailed', 'Retry.', at(0));
    expect(failed.error.retryable).toBe(true);
    expect(Date.parse(failed.dueAt ?? '')).toBeLessThan(at(0).getTime() + 24 * 3600 * 1000);
    const forgotten = forgetPhoto(failed, at(1));
    expect(forgotten).toMatchObject({ error: { retryable: false }, version: failed.version + 1 });
    // Until whoever said so, or else the sweeper, has deleted it.
    expect(Date.parse(forgotten.dueAt ?? '') - at(1).getTime()).toBe(5 * 60_000);
  });

  test('does not expire under a retry', () => {
    const failed = { ...fail(processing(), 'InferenceFailed', 'Retry.', at(2)), expiresAt: at(9).getTime() / 1000 };
    expect(retry(failed, at(3)).expiresAt).toBe(at(3).getTime() / 1000 + 3 * 24 * 3600);
    const later = { ...failed, expiresAt: at(3).getTime() / 1000 + 9 * 24 * 3600 };
    expect(retry(later, at(3)).expiresAt).toBe(later.expiresAt);
  });

  test('can be retried only if it FAILED and another try can help', () => {
    expect(retry(fail(processing(), 'InferenceFailed', 'Retry.', at(2)), at(3))).toMatchObject({
      status: 'PENDING',
      queuedAt: at(3).toISOString(),
      attempt: 1,
    });
    expect(() => retry(fail(processing(), 'UnsupportedImage', 'No.', at(2)), at(3))).toThrow(/another photo/);
    expect(() => retry(processing(), at(3))).toThrow(/Only a FAILED request/);
  });

  test('can be cancelled only before it has ended', () => {
    const completed = savePrediction(processing({ describe: false }), aResult(), at(2));
    expect(() => cancel(completed, at(3))).toThrow(/this one is COMPLETED/);
  });

  test('keeps nothing but id, owner and version when it is deleted', () => {
    const deleted = erase(savePrediction(processing({ describe: false }), aResult(), at(2)), at(3));
    expect(Object.keys(deleted).sort()).toEqual(['expiresAt', 'owner', 'requestId', 'status', 'updatedAt', 'version']);
    expect(deleted.expiresAt).toBe(at(3).getTime() / 1000 + 24 * 3600);
  });

  test('is absent from the very second it expires', () => {
    const pending = submit(aSubmission(), 30, at(0));
    const end = at(0).getTime() + 30 * 24 * 3600 * 1000;
    expect(isExpired(pending, new Date(end - 1))).toBe(false);
    expect(isExpired(pending, new Date(end))).toBe(true);
  });

  test('has ended in four statuses', () => {
    const all = [
      'PENDING',
      'PROCESSING',
      'AWAITING_DESCRIPTION',
      'COMPLETED',
      'FAILED',
      'CANCELLED',
      'DELETED',
    ] as const;
    expect(all.filter(isTerminal)).toEqual(['COMPLETED', 'FAILED', 'CANCELLED', 'DELETED']);
  });
});
