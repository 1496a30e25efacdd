import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LesionRequest, Pending } from '../../core/request.ts';
import { aSubmission } from '../../core/testing/requests.ts';
import { cancel, erase, fail, postpone, submit, take } from '../../core/transitions.ts';
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

describe('two calls at the same time', () => {
  /** Both read before either writes. */
  async function together(call: () => Promise<unknown>): Promise<unknown[]> {
    const undo = interceptAws();
    const turns = createTurns([0, 1, 0, 1, 0, 1, 0, 1], () => {});
    const calls = [1, 2].map(() => asProcess(turns, { kind: 'none' }, call));
    await turns.run(calls);
    undo();
    return await Promise.all(calls);
  }

  async function submitted(): Promise<string> {
    const answer = await world.submit({ imageKey: await world.upload(OWNER, GOOD_PHOTO) });
    if (!('data' in answer)) throw new Error(answer.error.message);
    return answer.data.requestId;
  }

  test('that cancel get the same answer', async () => {
    const requestId = await submitted();
    const answers = await together(() => world.cancel(requestId));
    expect(answers).toMatchObject([{ data: { status: 'CANCELLED' } }, { data: { status: 'CANCELLED' } }]);
    expect(await world.requests.get(requestId)).toMatchObject({ version: 2 });
  });

  test('that delete get the same answer', async () => {
    const requestId = await submitted();
    const answers = await together(() => world.remove(requestId));
    expect(answers).toMatchObject([{ data: { status: 'DELETED' } }, { data: { status: 'DELETED' } }]);
  });

  test('that retry get the same answer, also for a request that no worker ever took', async () => {
    const requestId = await submitted();
    await world.requests.change(requestId, (request) => fail(request as Pending, 'InferenceFailed', 'No.', now));
    const answers = await together(() => world.retry(requestId));
    expect(answers).toMatchObject([{ data: { status: 'PENDING' } }, { data: { status: 'PENDING' } }]);
    expect(await world.requests.get(requestId)).toMatchObject({ version: 3, attempt: 0 });
    expect(await world.retry(requestId)).toMatchObject({ data: { status: 'PENDING', version: 3 } });
  });
});

test('a hand-over that nobody fetched goes, though its request was deleted', async () => {
  const imageKey = await world.upload(OWNER, GOOD_PHOTO);
  const answer = await world.submit({ imageKey, describe: true });
  if (!('data' in answer)) throw new Error(answer.error.message);
  const { requestId } = answer.data;
  await world.deliver('inference');
  expect(world.hasHandover(requestId)).toBe(true);
  // As if the message to the describer had not been sent, so that the one before it comes again.
  await world.loseQueues();
  await world.remove(requestId);
  await world.nudge('inference', requestId);
  await world.deliver('inference');
  await world.deliver('enrichment');
  expect(world.hasHandover(requestId)).toBe(false);
});
