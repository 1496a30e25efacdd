import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { log } from '../../adapters/log.ts';
import type { LesionRequest } from '../../core/request.ts';
import { requestIdFor } from '../../resolvers/submission.ts';
import { GOOD_PHOTO, OWNER, openWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => {});
  await world.startAfresh();
});

/** While a deployment rolls out, the old functions meet what the new ones wrote. */
async function aPausedRequest() {
  const imageKey = await world.upload(OWNER, GOOD_PHOTO);
  await world.submit({ imageKey });
  const requestId = requestIdFor(OWNER, imageKey);
  const paused = { status: 'PAUSED', dueAt: '2000' } as unknown as LesionRequest;
  await world.requests.change(requestId, (request): LesionRequest => ({ ...request, ...paused }));
  const untouched = async () => {
    expect(await world.hasPhoto(imageKey)).toBe(true);
    expect(await world.requests.get(requestId)).toMatchObject({ status: 'PAUSED', dueAt: '2000' });
  };
  return { requestId, untouched };
}

test.each(['inference', 'enrichment'] as const)(
  'the %s worker leaves a request alone whose status it does not know, photo and all, and has the message again',
  async (queue) => {
    const { requestId, untouched } = await aPausedRequest();
    await world.loseQueues();
    await world.nudge(queue, requestId);
    expect(await world.deliver(queue)).toBe(1);
    await untouched();
    expect(await world.countMessages()).toBe(1);
  },
);

test.each(['inference-dead', 'enrichment-dead'] as const)('so does the worker of the letters in %s', async (queue) => {
  const { requestId, untouched } = await aPausedRequest();
  await world.loseQueues();
  await world.nudge(queue, requestId);
  expect(await world.deliver(queue)).toBe(1);
  await untouched();
  expect(await world.countMessages()).toBe(1);
});

test('so does the sweeper, and says so', async () => {
  const { requestId, untouched } = await aPausedRequest();
  const error = vi.spyOn(log, 'error');
  await world.sweep(false);
  await untouched();
  const because = expect.objectContaining({ message: 'The status PAUSED is not known to this version' });
  expect(error).toHaveBeenCalledWith('sweep failed', { requestId, error: because });
});
