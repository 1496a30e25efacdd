import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LesionError } from '../lesionError.ts';
import { retrying } from './retrying.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const busy = (retryAfterSeconds?: number) =>
  new LesionError('TooManyRequests', 'Wait.', { info: { ...(retryAfterSeconds && { retryAfterSeconds }) } });

test('gives up after four attempts with the last error', async () => {
  const act = vi.fn().mockRejectedValue(busy());
  const outcome = retrying(act).catch((error) => error);
  await vi.runAllTimersAsync();
  expect(await outcome).toMatchObject({ code: 'TooManyRequests' });
  expect(act).toHaveBeenCalledTimes(4);
});

test('waits as long as the server asks', async () => {
  const act = vi.fn().mockRejectedValueOnce(busy(3)).mockResolvedValue('done');
  const outcome = retrying(act);
  await vi.advanceTimersByTimeAsync(2_900);
  expect(act).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(await outcome).toBe('done');
});

test('leaves a long wait to the caller', async () => {
  const act = vi.fn().mockRejectedValue(busy(40));
  await expect(retrying(act)).rejects.toMatchObject({ info: { retryAfterSeconds: 40 } });
  expect(act).toHaveBeenCalledTimes(1);
});

test('does not try again what cannot succeed', async () => {
  const act = vi.fn().mockRejectedValue(new LesionError('Conflict', 'no'));
  await expect(retrying(act)).rejects.toMatchObject({ code: 'Conflict' });
  expect(act).toHaveBeenCalledTimes(1);
});

test('stops waiting when aborted', async () => {
  const controller = new AbortController();
  const outcome = retrying(() => Promise.reject(busy(4)), controller.signal).catch((error) => error);
  await vi.advanceTimersByTimeAsync(100);
  controller.abort();
  expect(await outcome).toMatchObject({ code: 'Aborted' });
});
