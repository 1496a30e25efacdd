import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from './createClient.ts';
import type { LesionClient } from './lesionClient.ts';
import { LesionError } from './lesionError.ts';
import type { Update } from './request.ts';
import { aLife, aRequest } from './testing/requests.ts';
import { type FakeAppSync, startFakeAppSync } from './testing/startFakeAppSync.ts';

const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8]);
const { requestId } = aRequest();

let api: FakeAppSync;
let clients: LesionClient[];

beforeEach(async () => {
  api = await startFakeAppSync();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  await api.stop();
});

function clientOf(token: string): LesionClient {
  const client = createClient({ graphqlUrl: api.graphqlUrl, token: async () => token });
  clients.push(client);
  return client;
}

describe('classify', () => {
  test('subscribes before it submits, and has every change from the push', async () => {
    api.on('SubmitRequest', () => {
      expect(api.subscriptions).toHaveLength(1);
      for (const request of aLife()) api.push(request);
      return aRequest();
    });
    const updates: Update[] = [];
    const request = await clientOf('alice').classify(JPEG, { onUpdate: (update) => updates.push(update) });
    expect(request.status).toBe('COMPLETED');
    expect(updates.map(({ request: { status }, via }) => [status, via])).toEqual([
      ['PENDING', 'push'],
      ['PROCESSING', 'push'],
      ['AWAITING_DESCRIPTION', 'push'],
      ['COMPLETED', 'push'],
    ]);
    expect(api.calls).not.toContain('GetResult');
  });

  test('aborted, cancels the request on the server before it throws', async () => {
    const controller = new AbortController();
    api.on('SubmitRequest', () => {
      setTimeout(() => api.push(aRequest()));
      return aRequest();
    });
    api.on('CancelRequest', (variables) => aRequest({ ...variables, status: 'CANCELLED', version: 2 }));
    const classified = clientOf('alice').classify(JPEG, {
      signal: controller.signal,
      onUpdate: () => controller.abort(),
    });
    await expect(classified).rejects.toMatchObject({ code: 'Aborted', requestId });
    expect(api.calls).toContain('CancelRequest');
  });

  test('aborted while the submission is under way, cancels what was submitted', async () => {
    const controller = new AbortController();
    api.on('SubmitRequest', () => {
      controller.abort();
      return aRequest();
    });
    api.on('CancelRequest', () => aRequest({ status: 'CANCELLED', version: 2 }));
    const classified = clientOf('alice').classify(JPEG, { signal: controller.signal });
    await expect(classified).rejects.toMatchObject({ code: 'Aborted' });
    expect(api.calls).toContain('CancelRequest');
  });

  test('sends the form fields in their order and the photo last', async () => {
    await clientOf('alice').upload(JPEG);
    const names = [...(api.uploads[0] ?? '').matchAll(/form-data; name="(\w+)"/g)].map(([, name]) => name);
    expect(names).toEqual(['policy', 'key', 'file']);
  });

  test.each([
    ['the form that it has, where S3 was busy, so that nothing stays behind', 503, 'SlowDown', 1],
    ['a new form, where the one it has is no longer valid', 403, 'Policy expired', 2],
  ])('sends a photo again with %s', async (_, status, message, forms) => {
    const answers = [{ status, body: `<Error><Code>No</Code><Message>${message}</Message></Error>` }];
    const bucket = createServer((request, response) => {
      const { status, body } = answers.pop() ?? { status: 204, body: '' };
      request.resume().on('end', () => response.writeHead(status).end(body));
    });
    await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}/`;
    let asked = 0;
    api.on('CreateUpload', () => ({ imageKey: `uploads/alice/${++asked}`, url, fields: [], expiresAt: '' }));
    expect(await clientOf('alice').upload(JPEG)).toBe(`uploads/alice/${forms}`);
    expect(asked).toBe(forms);
    bucket.closeAllConnections();
    bucket.close();
  });

  test('refuses what is no photo before any call', async () => {
    const classified = clientOf('alice').classify(new Uint8Array([1, 2, 3]));
    await expect(classified).rejects.toMatchObject({ code: 'UnsupportedImage' });
    expect(api.calls).toEqual([]);
  });
});

describe('submit', () => {
  test('tries again with the same token where the server says it can help', async () => {
    const tokens: unknown[] = [];
    api.on('SubmitRequest', ({ input }) => {
      tokens.push((input as { clientToken: string }).clientToken);
      if (tokens.length < 3) throw { errorType: 'ServiceUnavailable', message: 'Try again.', errorInfo: {} };
      return aRequest();
    });
    await clientOf('alice').submit(JPEG);
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
  });

  test('tells code, message and errorInfo of what the server refused', async () => {
    const error = { errorType: 'TooManyRequests', message: 'Wait.', errorInfo: { retryAfterSeconds: 40 } };
    api.on('SubmitRequest', () => {
      throw error;
    });
    const failure = await clientOf('alice')
      .submit(JPEG)
      .catch((thrown) => thrown);
    expect(failure).toBeInstanceOf(LesionError);
    expect(failure).toMatchObject({ code: 'TooManyRequests', retryable: true, info: { retryAfterSeconds: 40 } });
  });
});

describe('watch', () => {
  test('reads once when the subscription is acknowledged', async () => {
    api.on('GetResult', () => aRequest({ status: 'COMPLETED', version: 4 }));
    const updates: Update[] = [];
    for await (const update of clientOf('alice').watch(requestId)) updates.push(update);
    expect(updates).toMatchObject([{ via: 'read', request: { version: 4 } }]);
    expect(api.connections).toEqual(['alice']);
  });

  test('reads again after the socket was cut, and subscribes anew with a fresh token', async () => {
    let version = 1;
    api.on('GetResult', () => aLife()[version - 1]);
    let token = 0;
    const client = createClient({ graphqlUrl: api.graphqlUrl, token: async () => `alice-${++token}` });
    clients.push(client);
    const updates = client.watch(requestId);
    expect((await updates.next()).value).toMatchObject({ request: { version: 1 }, via: 'read' });
    version = 4;
    api.cutSockets();
    expect((await updates.next()).value).toMatchObject({ request: { version: 4 }, via: 'read' });
    expect(api.connections).toHaveLength(2);
    expect(new Set(api.connections).size).toBe(2);
  });

  test('without reads takes pushes alone', async () => {
    const updates = clientOf('alice').watch(requestId, { reads: false });
    const first = updates.next();
    await api.until(() => api.subscriptions.length === 1);
    api.push(aRequest({ status: 'COMPLETED', version: 3 }));
    expect((await first).value).toMatchObject({ via: 'push', request: { version: 3 } });
    expect((await updates.next()).done).toBe(true);
    expect(api.calls).toEqual([]);
  });

  test('throws Unauthorized where the token is refused again and again', async () => {
    api.refuse('mallory');
    const updates = clientOf('mallory').watch(requestId, { reads: false });
    await expect(updates.next()).rejects.toMatchObject({ code: 'Unauthorized' });
  });

  test('ends with Aborted when the client is closed', async () => {
    const client = clientOf('alice');
    const next = client.watch(requestId, { reads: false }).next();
    await api.until(() => api.subscriptions.length === 1);
    client.close();
    await expect(next).rejects.toMatchObject({ code: 'Aborted' });
  });
});

describe('several clients in one process', () => {
  test('have a socket each, opened with their own token', async () => {
    await clientOf('alice').listen();
    await clientOf('bob').listen();
    expect(api.connections).toEqual(['alice', 'bob']);
    expect(api.subscriptions.map(({ token }) => token)).toEqual(['alice', 'bob']);
  });

  test('are not disturbed by one that is refused', async () => {
    api.refuse('mallory');
    await clientOf('alice').listen();
    await expect(clientOf('mallory').listen()).rejects.toMatchObject({ code: 'Unauthorized' });
    expect(api.subscriptions.map(({ token }) => token)).toEqual(['alice']);
    expect(api.connections.filter((token) => token === 'alice')).toHaveLength(1);
  });

  test('share one socket among the watches of one client', async () => {
    const client = clientOf('alice');
    const watches = ['a', 'b', 'c'].map((id) => client.watch(id, { reads: false }).next());
    await api.until(() => api.subscriptions.length === 1);
    for (const id of ['a', 'b', 'c']) api.push(aRequest({ requestId: id, status: 'COMPLETED' }));
    expect((await Promise.all(watches)).map(({ value }) => value?.request.requestId)).toEqual(['a', 'b', 'c']);
    expect(api.connections).toHaveLength(1);
  });

  test('close their socket', async () => {
    const client = clientOf('alice');
    await client.listen();
    client.close();
    await api.until(() => api.subscriptions.length === 0);
  });
});

test('a call with a token that is refused says so', async () => {
  api.refuse('mallory');
  await expect(clientOf('mallory').result(requestId)).rejects.toMatchObject({ code: 'Unauthorized', requestId });
});

test('listAll goes through all pages', async () => {
  api.on('ListRequests', ({ nextToken }) => ({
    items: [aRequest({ requestId: nextToken ? 'b' : 'a' })],
    nextToken: nextToken ? null : 'more',
  }));
  const ids: string[] = [];
  for await (const request of clientOf('alice').listAll()) ids.push(request.requestId);
  expect(ids).toEqual(['a', 'b']);
});
