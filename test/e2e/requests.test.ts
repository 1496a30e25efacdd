import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Update } from '../../client/request.ts';
import { ask, withToken } from '../support/callers.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';

const run = useCloud();

describe('submitting', () => {
  test('ten times at once with one clientToken makes one request, worked on once', async () => {
    const client = run.clientOf('alice');
    const imageKey = await client.upload(samplePhoto);
    const clientToken = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.submitKey(imageKey, { clientToken })));
    expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(1);
    for await (const _ of client.watch(answers[0]!.requestId));
    expect(await client.result(answers[0]!.requestId)).toMatchObject({ status: 'COMPLETED', attempt: 1, version: 3 });
  });

  test('another input under the same clientToken is a Conflict', async () => {
    const client = run.clientOf('alice');
    const imageKey = await client.upload(samplePhoto);
    const clientToken = randomUUID();
    await client.submitKey(imageKey, { clientToken });
    await expect(client.submitKey(imageKey, { clientToken, describe: true })).rejects.toMatchObject({
      code: 'Conflict',
    });
  });

  test('without a token the photo itself stands for the request', async () => {
    const imageKey = await run.clientOf('alice').upload(samplePhoto);
    const alice = withToken(await run.cloud.token('alice'));
    const submit = 'mutation ($input: SubmitRequestInput!) { submitRequest(input: $input) { requestId } }';
    const submitted = async (input: object) => ask(run.cloud, alice, submit, { input: { imageKey, ...input } });
    const answers = await Promise.all([submitted({}), submitted({}), submitted({})]);
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    expect(answers[0]).toMatchObject({ data: { submitRequest: { requestId: expect.any(String) } } });
    expect((await submitted({ describe: true })).errors).toMatchObject([{ errorType: 'Conflict' }]);
  });

  test('a photo that was never uploaded is refused', async () => {
    const client = run.clientOf('alice');
    const imageKey = await client.upload(samplePhoto);
    const neverUploaded = `${imageKey.slice(0, -12)}000000000000`;
    await expect(client.submitKey(neverUploaded)).rejects.toMatchObject({ code: 'ImageNotFound' });
  });

  test('a reference or token that is none is InvalidInput, with the argument named', async () => {
    const client = run.clientOf('alice');
    const imageKey = await client.upload(samplePhoto);
    await expect(client.submitKey(imageKey, { reference: 'a b' })).rejects.toMatchObject({
      code: 'InvalidInput',
      info: { problems: [{ argument: 'input.reference' }] },
    });
    await expect(client.submitKey(imageKey, { clientToken: 'one' })).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});

describe('cancelling', () => {
  test('stops a request for good, and its owner hears of it by push', async () => {
    const client = run.clientOf('alice');
    const updates: Update[] = [];
    const end = await client.classify(samplePhoto, {
      describe: true,
      reads: false,
      onUpdate: (update) => {
        updates.push(update);
        if (update.request.status === 'PENDING') client.cancel(update.request.requestId).catch(() => {});
      },
    });
    expect(['CANCELLED', 'COMPLETED']).toContain(end.status);
    const versions = updates.map(({ request }) => request.version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(await client.result(end.requestId)).toMatchObject({ status: end.status, version: end.version });
  });

  test('what has ended is a Conflict', async () => {
    const client = run.clientOf('alice');
    const { requestId } = await client.classify(samplePhoto);
    await expect(client.cancel(requestId)).rejects.toMatchObject({ code: 'Conflict', info: { status: 'COMPLETED' } });
  });
});

describe('deleting', () => {
  test('leaves id and version alone, pushes that, and takes the request off the list', async () => {
    const client = run.clientOf('dora');
    const { requestId, version } = await client.classify(samplePhoto, { describe: true });
    const deleted = await client.remove(requestId);
    expect(deleted).toMatchObject({ requestId, status: 'DELETED', version: version + 1 });
    const rest = {
      ...deleted,
      requestId: 0,
      owner: 0,
      status: 0,
      version: 0,
      updatedAt: 0,
      expiresAt: 0,
      disclaimer: 0,
    };
    expect(Object.values(rest).filter(Boolean)).toEqual([]);
    expect((await client.list()).items).toEqual([]);
  });

  test('once more gives the same answer, as its first one may be lost; to others there is nothing', async () => {
    const client = run.clientOf('dora');
    const { requestId } = await client.classify(samplePhoto);
    const deleted = await client.remove(requestId);
    expect(await client.remove(requestId)).toEqual(deleted);
    await expect(run.clientOf('erin').remove(requestId)).rejects.toMatchObject({ code: 'NotFound' });
    await expect(client.cancel(requestId)).rejects.toMatchObject({ code: 'NotFound' });
  });
});

describe('listing', () => {
  test('gives pages, newest first, each request once', async () => {
    const client = run.clientOf('erin');
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.unshift((await client.submit(samplePhoto)).requestId);
    const listed: string[] = [];
    for await (const { requestId } of client.listAll({ pageSize: 2 })) listed.push(requestId);
    expect(listed).toEqual(ids);
    await expect(client.list({ nextToken: 'made up' })).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});
