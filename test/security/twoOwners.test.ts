import { randomUUID } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LesionClient } from '../../client/lesionClient.ts';
import { LesionError } from '../../client/lesionError.ts';
import type { Request } from '../../client/request.ts';
import { admin } from '../support/admin.ts';
import { withToken } from '../support/callers.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';
import { rootFields } from '../support/everyField.ts';
import { type Listener, listen } from '../support/listening.ts';

const run = useCloud();

const requestsEach = 50;
const atOnce = 8;

/** All that an owner sent, and all that came back, by whatever way. */
interface Life {
  user: string;
  client: LesionClient;
  listener: Listener;
  /** Texts that belong to this owner alone. */
  marks: Set<string>;
  /** Everything that this owner got to see: events, list entries, results, upload keys, errors. */
  seen: unknown[];
  requests: Request[];
}

const subscription = rootFields.find(({ name }) => name === 'Subscription.onRequestUpdated')?.document ?? '';
const noPhoto = new Uint8Array(Buffer.from('no photo at all'));

async function begin(user: string): Promise<Life> {
  const listener = await listen(run.cloud, withToken(await run.cloud.token(user)));
  await listener.subscribe('all', subscription);
  const marks = new Set([user]);
  return { user, client: run.clientOf(user), listener, marks, seen: [], requests: [] };
}

/** Every tenth is no photo and fails, every fifth wants a description, and one of each owner's is deleted. */
async function live(life: Life): Promise<void> {
  const numbers = Array.from({ length: requestsEach }, (_, index) => index);
  const lane = async () => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) await submitOne(life, number);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

async function submitOne({ client, marks, seen, requests, user }: Life, number: number): Promise<void> {
  const reference = `${user}-${randomUUID()}`;
  marks.add(reference);
  const isPhoto = number % 10 !== 9;
  const imageKey = await client.upload(isPhoto ? samplePhoto : noPhoto, { contentType: 'image/jpeg' });
  marks.add(imageKey);
  const submitted = await client.submitKey(imageKey, { reference, describe: number % 5 === 0 });
  marks.add(submitted.requestId).add(submitted.owner);
  seen.push(imageKey, submitted);
  for await (const update of client.watch(submitted.requestId)) seen.push(update);
  const result = await client.result(submitted.requestId);
  if (result) requests.push(result);
  seen.push(result);
}

/** Tries out what the other one has: what comes back is seen too. */
async function pry(life: Life, other: Life): Promise<void> {
  const target = other.requests[0];
  if (!target) throw new Error(`${other.user} has no request`);
  const key = [...other.marks].find((mark) => mark.startsWith('uploads/')) ?? '';
  const { client, seen } = life;
  const tries = [
    client.result(target.requestId),
    client.cancel(target.requestId),
    client.retry(target.requestId),
    client.remove(target.requestId),
    client.submitKey(key),
  ];
  for (const answer of await Promise.allSettled(tries)) {
    seen.push(answer.status === 'fulfilled' ? answer.value : errorOf(answer.reason));
  }
  for await (const request of client.listAll({ pageSize: 7 })) seen.push(request);
}

/** What a person could read of it; the id that the client itself was called with is no news. */
function errorOf(error: unknown): unknown {
  if (!(error instanceof LesionError)) throw error;
  const { code, message, info, cause } = error;
  return { code, message, info, cause };
}

let alice: Life;
let bob: Life;

beforeAll(async () => {
  [alice, bob] = await Promise.all([begin('alice'), begin('bob')]);
  await Promise.all([live(alice), live(bob)]);
  await Promise.all([pry(alice, bob), pry(bob, alice)]);
  for (const { client, listener, requests } of [alice, bob]) {
    const last = requests.at(-1)?.requestId ?? '';
    await client.remove(last);
    await listener.frame((frame) => JSON.stringify(frame).includes(`"${last}","owner"`) && isDeleted(frame));
    listener.close();
  }
});

const isDeleted = (frame: unknown) => JSON.stringify(frame).includes('"DELETED"');
const eventsOf = ({ listener }: Life) => listener.frames.filter(({ type }) => type === 'data');

describe('of two owners with fifty requests each at the same time', () => {
  test.each(['alice', 'bob'])('%s gets an end to each', (user) => {
    const { requests } = user === 'alice' ? alice : bob;
    expect(requests).toHaveLength(requestsEach);
    expect(requests.filter(({ status }) => status === 'COMPLETED')).toHaveLength(45);
    expect(requests.filter(({ status }) => status === 'FAILED')).toHaveLength(5);
    expect(requests.filter(({ description }) => description)).toHaveLength(10);
  });

  test.each(['alice', 'bob'])('%s hears of each version of each, in order', (user) => {
    const life = user === 'alice' ? alice : bob;
    const pushed = eventsOf(life).map(({ payload }) => Object(payload).data.onRequestUpdated as Request);
    for (const { requestId, version } of life.requests) {
      const versions = pushed.filter((update) => update.requestId === requestId).map((update) => update.version);
      const deleted = versions.length > version ? [version + 1] : [];
      expect(versions).toEqual([...Array.from({ length: version }, (_, index) => index + 1), ...deleted]);
    }
  });

  test.each(['alice', 'bob'])('%s sees nothing of the other: no event, entry, result, key or error', (user) => {
    const [own, other] = user === 'alice' ? [alice, bob] : [bob, alice];
    const text = JSON.stringify([own.seen, own.listener.frames]);
    expect(other.marks.size).toBe(1 + 3 * requestsEach + 1);
    expect([...other.marks].filter((mark) => text.includes(mark))).toEqual([]);
    for (const mark of own.marks) expect(text).toContain(mark);
  });

  test('no photo is left: each went with its result, or with the reason why there is none', async () => {
    const { s3 } = admin(run.cloud);
    const Bucket = run.cloud.outputs.UploadBucketName;
    const keys = [alice, bob].flatMap(({ marks }) => [...marks].filter((mark) => mark.startsWith('uploads/')));
    expect(keys).toHaveLength(2 * requestsEach);
    const found = await Promise.allSettled(keys.map((Key) => s3.send(new HeadObjectCommand({ Bucket, Key }))));
    expect(keys.filter((_, index) => found[index]?.status === 'fulfilled')).toEqual([]);
    s3.destroy();
  });
});
