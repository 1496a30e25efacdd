import { AwsClient } from 'aws4fetch';
import { describe, expect, test } from 'vitest';
import type { Update } from '../../client/request.ts';
import { onAws, samplePhoto, useCloud } from '../support/cloud.ts';

const run = useCloud();

describe("another user's request", () => {
  test('is as if it were not there: not read, not listed, not cancelled, retried or deleted', async () => {
    const [alice, bob] = [run.clientOf('alice'), run.clientOf('bob')];
    const { requestId } = await alice.classify(samplePhoto);

    expect(await bob.result(requestId)).toBeNull();
    expect((await bob.list()).items).toEqual([]);
    for (const meddle of [bob.cancel, bob.retry, bob.remove]) {
      await expect(meddle(requestId)).rejects.toMatchObject({ code: 'NotFound' });
      const unknown = await meddle('7f0c2a9e-1111-4111-8111-000000000001').catch((error: Error) => error.message);
      await expect(meddle(requestId)).rejects.toThrow(String(unknown));
    }
    expect(await alice.result(requestId)).toMatchObject({ status: 'COMPLETED' });
  });

  test("gives away no photo: another's imageKey cannot be submitted", async () => {
    const imageKey = await run.clientOf('alice').upload(samplePhoto);
    await expect(run.clientOf('bob').submitKey(imageKey)).rejects.toMatchObject({ code: 'ImageNotFound' });
    if (!onAws)
      await expect(run.clientWithApiKey().submitKey(imageKey)).rejects.toMatchObject({ code: 'ImageNotFound' });
  });

  test('is not pushed, neither to all of my requests nor to that one by id', async () => {
    const [alice, bob] = [run.clientOf('alice'), run.clientOf('bob')];
    const heard: Update[] = [];
    const stop = new AbortController();
    const release = await bob.listen();
    const request = await alice.submit(samplePhoto, { describe: true });
    const eavesdropping = (async () => {
      for await (const update of bob.watch(request.requestId, { reads: false, signal: stop.signal }))
        heard.push(update);
    })().catch(() => {});
    for await (const _ of alice.watch(request.requestId));
    // Bob's own request goes the same way after hers: once it has ended, hers would long have come.
    const own = await bob.classify(samplePhoto, { reads: false });
    stop.abort();
    await eavesdropping;
    release();
    expect(own.status).toBe('COMPLETED');
    expect(heard).toEqual([]);
  });
});

describe.skipIf(onAws)('publishRequestUpdate', () => {
  const query = 'mutation ($request: AWSJSON!) { publishRequestUpdate(request: $request) { requestId owner } }';
  const body = JSON.stringify({
    query,
    variables: { request: JSON.stringify({ requestId: 'x', owner: 'cognito#x', status: 'COMPLETED', version: 99 }) },
  });
  const headers = { 'content-type': 'application/json' };

  test('is refused to a signed-in user', async () => {
    const { config, token } = run.cloud;
    const authorization = await token('mallory');
    const answer = await fetch(config.graphqlUrl, { method: 'POST', headers: { ...headers, authorization }, body });
    expect(await answer.json()).toMatchObject({ errors: [{ errorType: 'Unauthorized' }] });
  });

  test('is refused to whoever has the API key', async () => {
    const { config } = run.cloud;
    const answer = await fetch(config.graphqlUrl, {
      method: 'POST',
      headers: { ...headers, 'x-api-key': config.apiKey ?? '' },
      body,
    });
    expect(await answer.json()).toMatchObject({ errors: [{ errorType: 'Unauthorized' }] });
  });

  test("is refused to another function's role", async () => {
    const other = run.cloud.iam.grants().find(({ action }) => action === 'sqs:SendMessage')?.accessKeyId ?? '';
    const aws = new AwsClient({
      accessKeyId: other,
      secretAccessKey: 'local-secret-access-key',
      service: 'appsync',
      region: 'us-east-1',
      retries: 0,
    });
    const answer = await aws.fetch(run.cloud.config.graphqlUrl, { method: 'POST', headers, body });
    expect(JSON.stringify(await answer.json())).toMatch(/Unauthorized|AccessDenied/);
  });
});
