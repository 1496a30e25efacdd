/** The real aws-amplify, unpatched but for the WebSocket: it insists on wss, and this server has no certificate here. */
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { decodeJWT } from 'aws-amplify/auth';
import { Hub } from 'aws-amplify/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECRET_ACCESS_KEY } from '../engine.ts';
import type { AppSync } from './startAppSync.ts';
import { PUBLISHER, publishNote, startFixture, tokenFor } from './testing/fixture.ts';

class PlainWebSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(String(url).replace('wss://127.0.0.1', 'ws://127.0.0.1'), protocols);
  }
}

let server: AppSync;
const client = generateClient();
const note = { id: '1', owner: 'cognito#alice', kind: 'memo', text: 'hello', version: 1 };

beforeAll(async () => {
  globalThis.WebSocket = PlainWebSocket;
  server = await startFixture({ invoke: async () => ({ payload: { data: note } }) });
  const { graphqlUrl: endpoint } = server;
  const accessToken = decodeJWT(await tokenFor('alice'));
  Amplify.configure(
    { API: { GraphQL: { endpoint, region: 'us-east-1', defaultAuthMode: 'userPool', apiKey: 'da2-good' } } },
    {
      Auth: {
        tokenProvider: { getTokens: async () => ({ accessToken }) },
        credentialsProvider: {
          getCredentialsAndIdentityId: async () => ({
            credentials: { accessKeyId: PUBLISHER, secretAccessKey: SECRET_ACCESS_KEY },
          }),
          clearCredentialsAndIdentityId: () => {},
        },
      },
    },
  );
});
afterAll(() => server.stop());

type Mode = 'userPool' | 'apiKey' | 'iam';

async function request(query: string, authMode: Mode, variables = {}) {
  const result = await client.graphql({ query, authMode, variables });
  if ('data' in result) return result.data;
  throw new Error('a subscription');
}

/** Subscribes, waits for the ack, and hands out what comes, one by one. */
async function listen(query: string, authMode: Mode, variables = {}) {
  const result = client.graphql({ query, authMode, variables });
  if (!('subscribe' in result)) throw new Error('no subscription');
  const received: unknown[] = [];
  let wake = () => {};
  await new Promise<void>((resolve, reject) => {
    const stop = Hub.listen('api', ({ payload }) => {
      if (payload.event !== 'Subscription ack') return;
      stop();
      resolve();
    });
    const next = (event: unknown) => {
      received.push(event);
      wake();
    };
    // amplify hands out plain objects as errors.
    result.subscribe({ next, error: (cause: unknown) => reject(new Error(JSON.stringify(cause))) });
  });
  return async () => {
    while (received.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return received.shift();
  };
}

test.for(['userPool', 'apiKey', 'iam'] as const)('a query with %s', async (mode) => {
  expect(await request('{ getNote(id: "1") { id text } }', mode)).toEqual({ getNote: { id: '1', text: 'hello' } });
});

test('two filtered subscriptions at once on one socket, by JWT, and one by IAM', async () => {
  const one = await listen('subscription S($id: ID) { onNote(id: $id) { id version } }', 'userPool', { id: '1' });
  const all = await listen('subscription { onNote { id text owner } }', 'userPool');
  const signed = await listen('subscription { onAll { id } }', 'iam');
  expect(server.connections()).toBe(1);
  await publishNote(server, { ...note, owner: 'cognito#bob' });
  await publishNote(server, { ...note, id: '2' }, 'id owner text');
  expect(await all()).toEqual({ data: { onNote: { id: '2', text: 'hello', owner: 'cognito#alice' } } });
  await publishNote(server, { ...note, version: 2 });
  expect(await one()).toEqual({ data: { onNote: { id: '1', version: 2 } } });
  expect(await signed()).toEqual({ data: { onAll: { id: '1' } } });
});

test('a field error reaches the caller with its type', async () => {
  const error = await request('{ mine }', 'apiKey').catch((reason) => reason);
  expect(error.errors).toMatchObject([{ errorType: 'Unauthorized', path: ['mine'] }]);
});

test('bad credentials are told as such, not as an unknown error', async () => {
  Amplify.configure({
    API: { GraphQL: { endpoint: server.graphqlUrl, defaultAuthMode: 'apiKey', apiKey: 'da2-old' } },
  });
  const error = await request('{ getNote(id: "1") { id } }', 'apiKey').catch((reason) => reason);
  expect(error.errors[0].message).not.toMatch(/Unknown/);
  expect(JSON.stringify(error.errors[0])).toMatch(/nauthorized/);
});
