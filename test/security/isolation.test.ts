import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { admin } from '../support/admin.ts';
import {
  type Answer,
  accessKeyOf,
  ask,
  type Caller,
  withAccessKey,
  withApiKey,
  withToken,
} from '../support/callers.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';
import { type RootField, rootFields } from '../support/everyField.ts';
import { listen } from '../support/listening.ts';

const run = useCloud();

/** Something of Alice's that an argument can name, or the like of it that nobody has. */
interface Target {
  requestId: string;
  imageKey: string;
  clientToken: string;
  nextToken: string;
}

/** The arguments that aim a field at a target. */
const aim: Record<string, (target: Target) => Record<string, unknown>> = {
  'Query.getResult': ({ requestId }) => ({ requestId }),
  'Query.listRequests': ({ nextToken }) => ({ limit: 100, nextToken }),
  'Query.getModel': () => ({}),
  'Mutation.createUpload': () => ({ input: { contentType: 'image/jpeg', contentLength: 1000 } }),
  'Mutation.submitRequest': ({ imageKey, clientToken }) => ({ input: { imageKey, clientToken } }),
  'Mutation.cancelRequest': ({ requestId }) => ({ requestId }),
  'Mutation.retryRequest': ({ requestId }) => ({ requestId }),
  'Mutation.deleteRequest': ({ requestId }) => ({ requestId }),
  'Mutation.publishRequestUpdate': ({ requestId }) => ({ request: JSON.stringify(anUpdate(requestId, 'cognito#x')) }),
  'Subscription.onRequestUpdated': ({ requestId }) => ({ requestId }),
};

/** Each call makes another key: the only answers that may differ from call to call. */
const namesItself = ['Mutation.createUpload'];

const anUpdate = (requestId: string, owner: string) => ({
  ...{ requestId, owner, status: 'COMPLETED', version: 99, disclaimer: '' },
});

interface World {
  ofAlice: Target[];
  ofNobody: Target;
  /** Whatever of Alice's no stranger may ever read. */
  secrets: string[];
  strangers: Record<'another user' | 'the API key', Caller>;
  outsiders: Record<'the role of another function' | "the publisher's role", Caller>;
  alice: Caller;
}

let world: World;

beforeAll(async () => {
  const { cloud } = run;
  const client = run.clientOf('alice');
  const clientToken = randomUUID();
  const reference = `alice-${randomUUID()}`;
  const usedKey = await client.upload(samplePhoto);
  const [done, failed] = await Promise.all([
    client.classify(samplePhoto, { reference, describe: true }),
    client.classify(new Uint8Array(Buffer.from('no photo')), { contentType: 'image/png' }),
    client.submitKey(usedKey, { clientToken }),
  ]);
  const freshKey = await client.upload(samplePhoto);
  const nextToken = String((await client.list({ limit: 1 })).nextToken);
  const ids = (await client.list()).items.map(({ requestId }) => requestId);
  const common = { clientToken, nextToken };
  world = {
    ofAlice: [
      { ...common, requestId: done.requestId, imageKey: freshKey },
      { ...common, requestId: failed.requestId, imageKey: usedKey },
    ],
    ofNobody: {
      requestId: randomUUID(),
      imageKey: `uploads/cognito/${randomUUID()}/${randomUUID()}`,
      clientToken: randomUUID(),
      nextToken: sameMoment(nextToken),
    },
    secrets: [...ids, reference, done.owner.slice('cognito#'.length), idIn(usedKey), idIn(freshKey)],
    strangers: {
      'another user': withToken(await cloud.token('bob')),
      'the API key': withApiKey(cloud.config.apiKey ?? ''),
    },
    outsiders: {
      'the role of another function': withAccessKey(cloud, accessKeyOf(cloud, 'getResult')),
      "the publisher's role": withAccessKey(cloud, accessKeyOf(cloud, 'publisher')),
    },
    alice: withToken(await cloud.token('alice')),
  };
});

const idIn = (imageKey: string) => imageKey.split('/').at(-1) ?? '';

/** A page that begins at the same moment, behind a request that nobody has. */
function sameMoment(nextToken: string): string {
  const start: object = JSON.parse(Buffer.from(nextToken, 'base64url').toString());
  return Buffer.from(JSON.stringify({ ...start, requestId: randomUUID() })).toString('base64url');
}

const aimed = ({ name }: RootField, target: Target) => {
  const variables = aim[name];
  if (!variables) throw new Error(`${name} has no case here: say how it could be aimed at someone else's request`);
  return variables(target);
};

function expectNothingOfAlice(answer: unknown): void {
  const text = JSON.stringify(answer);
  for (const secret of world.secrets) expect(text).not.toContain(secret);
}

/** Of all requests there, before and after: a stranger's calls must change nothing. */
async function stateOfAlice(): Promise<unknown> {
  return await Promise.all(world.ofAlice.map(({ requestId }) => run.clientOf('alice').result(requestId)));
}

const called = rootFields.filter(({ operation }) => operation !== 'subscription');
const heard = rootFields.filter(({ operation }) => operation === 'subscription');

test('each field of schema.graphql has a case here, and each case a field', () => {
  expect(Object.keys(aim).sort()).toEqual(rootFields.map(({ name }) => name).sort());
});

describe.each(['another user', 'the API key'] as const)('%s', (who) => {
  const stranger = () => world.strangers[who];

  test.each(called)("$name aimed at someone else's is as if it were not there", async (field) => {
    const before = await stateOfAlice();
    const absent = await ask(run.cloud, stranger(), field.document, aimed(field, world.ofNobody));
    for (const target of world.ofAlice) {
      const answer = await ask(run.cloud, stranger(), field.document, aimed(field, target));
      expectNothingOfAlice(answer);
      if (!namesItself.includes(field.name)) expect(answer).toEqual(absent);
    }
    expect(await stateOfAlice()).toEqual(before);
  });

  test.each(heard)("$name hears nothing of someone else's, asked for by id or not", async (field) => {
    const client = who === 'the API key' ? run.clientWithApiKey() : run.clientOf('bob');
    const own = await client.submit(samplePhoto);
    const listener = await listen(run.cloud, stranger());
    for (const [index, target] of world.ofAlice.entries()) {
      expect(await listener.subscribe(`alice-${index}`, field.document, aimed(field, target))).toMatchObject({
        type: 'start_ack',
      });
    }
    await listener.subscribe('all', field.document);
    const request = await run.clientOf('alice').submit(samplePhoto);
    world.secrets.push(request.requestId);
    await listener.subscribe('new', field.document, aimed(field, { ...world.ofNobody, requestId: request.requestId }));
    for await (const _ of run.clientOf('alice').watch(request.requestId));
    for await (const _ of client.watch(own.requestId));
    // Deleted after Alice's has ended: once this is pushed, hers would long have been.
    await client.remove(own.requestId);
    await listener.frame((frame) => frame.id === 'all' && JSON.stringify(frame).includes('DELETED'));
    listener.close();
    expectNothingOfAlice(listener.frames);
    const ids = new Set(listener.frames.filter(({ type }) => type === 'data').map(({ id }) => id));
    expect([...ids]).toEqual(['all']);
  });
});

describe.each(['the role of another function', "the publisher's role"] as const)('%s', (who) => {
  const outsider = () => world.outsiders[who];
  const mayPublish = who === "the publisher's role";

  test.each(called.filter(({ name }) => !mayPublish || name !== 'Mutation.publishRequestUpdate'))(
    '$name is refused, whatever it is aimed at',
    async (field) => {
      for (const target of [...world.ofAlice, world.ofNobody]) {
        expectRefused(await ask(run.cloud, outsider(), field.document, aimed(field, target)), field);
      }
    },
  );

  test.each(heard)('$name is refused, whatever it is aimed at', async (field) => {
    const listener = await listen(run.cloud, outsider());
    for (const [index, target] of [...world.ofAlice, world.ofNobody].entries()) {
      const refusal = await listener.subscribe(`${index}`, field.document, aimed(field, target));
      expect(refusal).toMatchObject({ type: 'error', payload: { errors: [{ errorType: 'Unauthorized' }] } });
    }
    listener.close();
  });
});

function expectRefused(answer: Answer, { field, name }: RootField): void {
  const message = `Not Authorized to access ${field} on type ${name.split('.')[0]}`;
  expect(answer).toMatchObject({ status: 200, errors: [{ errorType: 'Unauthorized', message }] });
  expect(answer.data?.[field] ?? null).toBeNull();
}

describe('a request past its time', () => {
  test('is not there for its owner either, from the first moment', async () => {
    const client = run.clientOf('carol');
    const { requestId } = await client.classify(samplePhoto);
    const { dynamoDb } = admin(run.cloud);
    const TableName = run.cloud.outputs.RequestTableName;
    const UpdateExpression = 'SET expiresAt = :now, version = version + :one';
    const ExpressionAttributeValues = { ':now': Math.floor(Date.now() / 1000), ':one': 1 };
    const listener = await listen(run.cloud, withToken(await run.cloud.token('carol')));
    await listener.subscribe('all', heard[0]!.document);
    await dynamoDb.send(
      new UpdateCommand({ TableName, Key: { requestId }, UpdateExpression, ExpressionAttributeValues }),
    );
    dynamoDb.destroy();
    expect(await client.result(requestId)).toBeNull();
    expect((await client.list()).items).toEqual([]);
    for (const act of [client.cancel, client.retry, client.remove]) {
      await expect(act(requestId)).rejects.toMatchObject({ code: 'NotFound' });
    }
    const next = await client.submit(samplePhoto);
    await listener.frame((frame) => JSON.stringify(frame).includes(next.requestId));
    listener.close();
    expect(JSON.stringify(listener.frames)).not.toContain(requestId);
  });
});

describe('a forged push', () => {
  const field = rootFields.find(({ name }) => name === 'Mutation.publishRequestUpdate')!;
  const variables = (owner: string) => ({ request: JSON.stringify(anUpdate(randomUUID(), owner)) });

  test('is refused to everybody but the publisher, and reaches nobody', async () => {
    const listener = await listen(run.cloud, world.alice);
    const subscription = heard[0]!;
    await listener.subscribe('all', subscription.document);
    const owner = `cognito#${world.secrets.find((secret) => /^[0-9a-f-]{36}$/.test(secret))}`;
    const others = [world.alice, ...Object.values(world.strangers), world.outsiders['the role of another function']];
    for (const caller of others) expectRefused(await ask(run.cloud, caller, field.document, variables(owner)), field);
    const { requestId } = await run.clientOf('alice').submit(samplePhoto);
    await listener.frame((frame) => JSON.stringify(frame).includes(requestId));
    listener.close();
    expect(JSON.stringify(listener.frames)).not.toContain('"version":99');
  });

  test("is taken from the publisher's role: it is the role that is refused above, not the signature", async () => {
    const answer = await ask(run.cloud, world.outsiders["the publisher's role"], field.document, variables('nobody'));
    expect(answer).toMatchObject({ status: 200, data: { publishRequestUpdate: { owner: 'nobody', version: 99 } } });
  });
});

describe("someone else's clientToken", () => {
  test('makes a request of my own: it is no way to another one', async () => {
    const bob = run.clientOf('bob');
    const { clientToken } = world.ofAlice[0]!;
    const request = await bob.submitKey(await bob.upload(samplePhoto), { clientToken });
    expectNothingOfAlice(request);
    expect(request).toMatchObject({ status: 'PENDING', version: 1 });
  });
});

describe('an imageKey', () => {
  const submit = rootFields.find(({ name }) => name === 'Mutation.submitRequest')!;
  const tricks: Record<string, (mine: string, hers: string) => string> = {
    'with .. in it': (mine, hers) => `${mine.slice(0, -36)}../${hers.split('/').slice(2).join('/')}`,
    'with an encoded ..': (mine, hers) => `${mine.slice(0, -36)}%2e%2e/${hers.split('/').slice(2).join('/')}`,
    'with a slash before it': (_, hers) => `/${hers}`,
    'with two slashes': (mine) => mine.replace('uploads/', 'uploads//'),
    'with a line end behind it': (mine) => `${mine}\n`,
    'with a NUL behind it': (mine) => `${mine}\0.jpg`,
    'of a folder': (mine) => mine.slice(0, -36),
    'in capitals': (mine) => mine.slice(0, -36) + mine.slice(-36).toUpperCase(),
    'of the hand-over': () => `handover/${randomUUID()}`,
    'of another bucket': (mine) => `s3://cdk-assets/${mine}`,
    'that is empty': () => '',
    'with a dot for a dash': (mine) => mine.replace(/-([0-9a-f]{12})$/, '.$1'),
  };

  test.each(Object.entries(tricks))('%s is as good as none', async (_, trick) => {
    const [mine, hers] = [await run.clientOf('bob').upload(samplePhoto), world.ofAlice[0]!.imageKey];
    const bob = world.strangers['another user'];
    const tricked = await ask(run.cloud, bob, submit.document, { input: { imageKey: trick(mine, hers) } });
    const none = await ask(run.cloud, bob, submit.document, { input: { imageKey: world.ofNobody.imageKey } });
    expect(tricked).toEqual(none);
    expect(tricked).toMatchObject({ data: null, errors: [{ errorType: 'ImageNotFound' }] });
  });
});
