import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LesionRequest, Pending } from '../../core/request.ts';
import { aSubmission } from '../../core/testing/requests.ts';
import { cancel, erase, postpone, submit, take } from '../../core/transitions.ts';
import { asProcess, createTurns, interceptAws } from './actors.ts';
import { GOOD_PHOTO, OWNER, openWorld, type World } from './world.ts';

let world: World;
let pending: Pending;
const now = new Date();

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.startAfresh();
  pending = submit(aSubmission({ requestId: 'one' }), 30, now);
  await world.requests.create(pending);
});

const taken = (request: LesionRequest) => take(request as Pending, 'message', now);

test('a write whose answer was lost is sent again and does not stand in its own way', async () => {
  const undo = interceptAws();
  const turns = createTurns([], () => {});
  const change = asProcess(turns, { kind: 'sent twice', call: 2 }, () => world.requests.change('one', taken));
  await turns.run([change]);
  undo();
  expect(await change).toMatchObject({ before: { version: 1 }, after: { version: 2 } });
  expect(await world.requests.get('one')).toMatchObject({ version: 2, attempt: 1 });
});

test('the photo of a cancelled request is gone with the answer, though the sweeper would see to it', async () => {
  const imageKey = await world.upload(OWNER, GOOD_PHOTO);
  const answer = await world.submit({ imageKey });
  if (!('data' in answer)) throw new Error(answer.error.message);
  expect(await world.cancel(answer.data.requestId)).toMatchObject({ data: { status: 'CANCELLED' } });
  expect(await world.hasPhoto(imageKey)).toBe(false);
});

describe('of a request that has moved on', () => {
  test('no deadline is moved', async () => {
    await world.requests.change('one', taken);
    const moved = await world.requests.get('one');
    await world.requests.postpone(postpone(pending, new Date(now.getTime() + 1)));
    expect(await world.requests.get('one')).toEqual(moved);
  });

  test('none is taken away either', async () => {
    const { after: cancelled } = (await world.requests.change('one', (request) => cancel(request as Pending, now)))!;
    await world.requests.change('one', (request) => erase(request as Pending, now));
    const erased = await world.requests.get('one');
    await world.requests.settle(cancelled);
    expect(await world.requests.get('one')).toEqual(erased);
    await world.requests.create(submit(aSubmission({ requestId: 'two' }), 30, now));
    await world.requests.settle({ ...cancelled, requestId: 'two' });
    expect(await world.requests.get('two')).toHaveProperty('dueAt');
  });
});
