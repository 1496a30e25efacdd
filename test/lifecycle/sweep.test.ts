import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { aSubmission } from '../../core/testing/requests.ts';
import { submit, take } from '../../core/transitions.ts';
import { openWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await world.startAfresh();
});
afterAll(() => world.close());
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));

test('after the queues were lost every open request gets its message, though there is more than a page of them', async () => {
  const now = new Date();
  const pending = Array.from({ length: 110 }, (_, index) => `pending-${index}`);
  const processing = ['processing-1', 'processing-2'];
  for (const requestId of [...pending, ...processing]) {
    await world.requests.create(submit(aSubmission({ requestId }), 30, now));
  }
  for (const requestId of processing) {
    await world.requests.change(requestId, (request) =>
      request.status === 'PENDING' ? take(request, 'lost', now) : undefined,
    );
  }
  expect(await world.sweep(true)).toBe(112);
  expect(await world.countMessages()).toBe(112);
});
