/**
 * What AppSync documents, through HTTP and WebSocket by hand, on the product's own API. With TARGET=aws it runs on a
 * deployed stack (test/support/cloud.ts). What our template does not do by default is held beside the engine, in
 * cloud/appsync. The pages: https://docs.aws.amazon.com/appsync/latest/devguide/ and the name that a test gives.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ask, type Caller, send, withApiKey, withToken } from '../support/callers.ts';
import { useCloud } from '../support/cloud.ts';
import { type Frame, type Listener, listen } from '../support/listening.ts';

const run = useCloud();
const alice: Caller = async () => ({ authorization: await run.tokenOf('alice') });
const ON_UPDATED = 'subscription { onRequestUpdated { requestId version } }';
const MODEL = '{ getModel { name } }';

const listeners: Listener[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close();
});
async function listening(caller = alice): Promise<Listener> {
  const listener = await listen(run.api, caller);
  listeners.push(listener);
  return listener;
}

const errorTypeOf = ({ payload }: Frame) =>
  (payload as { errors?: { errorType?: string }[] } | undefined)?.errors?.[0]?.errorType;

describe('authorization (security-authz)', () => {
  test.each<[string, Caller]>([
    ['no credentials', async () => ({})],
    ['an API key that is none', withApiKey('da2-00000000000000000000000000')],
    ['a token that is none', withToken('e30.e30.e30')],
  ])('%s is 401 UnauthorizedException, in the body and in x-amzn-errortype', async (_, caller) => {
    const answer = await ask(run.api, caller, MODEL);
    expect(answer).toMatchObject({ status: 401, errorType: expect.stringContaining('UnauthorizedException') });
    expect(answer.errors).toMatchObject([{ errorType: 'UnauthorizedException', message: expect.any(String) }]);
  });

  test('a field that the directives keep from a caller is an Unauthorized error of that field, with HTTP 200', async () => {
    const publish = 'mutation { publishRequestUpdate(request: "{}") { requestId } }';
    const answer = await ask(run.api, alice, publish);
    expect(answer).toMatchObject({ status: 200, data: null });
    expect(answer.errors).toMatchObject([{ path: ['publishRequestUpdate'], errorType: 'Unauthorized' }]);
    expect(answer.errors?.[0]?.message).toBe('Not Authorized to access publishRequestUpdate on type Mutation');
  });
});

describe('requests (troubleshooting-and-common-mistakes, resolver-util-reference-js)', () => {
  test('an error of a resolver has path, locations, errorType, data, errorInfo and message, and no extensions', async () => {
    const { errors = [], data } = await ask(run.api, alice, '{ getResult(requestId: "") { requestId } }');
    expect(data).toEqual({ getResult: null });
    expect(Object.keys(errors[0] ?? {}).sort()).toEqual(
      ['data', 'errorInfo', 'errorType', 'locations', 'message', 'path'].sort(),
    );
    expect(errors).toMatchObject([
      { path: ['getResult'], errorType: 'InvalidInput', locations: [{ line: 1, column: 3, sourceName: null }] },
    ]);
  });

  test('a document against the schema is a ValidationError with HTTP 200', async () => {
    const answer = await ask(run.api, alice, '{ nope }');
    expect(answer).toMatchObject({ status: 200, data: null, errors: [{ errorType: 'ValidationError', path: null }] });
  });

  test('what is no JSON, and what is no GraphQL, is 400', async () => {
    expect((await send(run.api, 'no json', await alice(''))).status).toBe(400);
    expect((await ask(run.api, alice, '{')).status).toBe(400);
  });

  test('a variable that does not fit its type is an error, and nothing is resolved', async () => {
    const query = 'query ($limit: Int) { listRequests(limit: $limit) { nextToken } }';
    const { data, errors } = await ask(run.api, alice, query, { limit: 'ten' });
    expect(data ?? null).toBeNull();
    expect(errors).toHaveLength(1);
  });

  test('aliases resolve one field several times', async () => {
    const { data } = await ask(run.api, alice, '{ a: getModel { name } b: getModel { name } }');
    expect(data).toEqual({ a: data?.b, b: data?.a });
  });

  test('more resolvers than resolverCountLimit is an error (API_CreateGraphqlApi)', async () => {
    const fields = Array.from({ length: 60 }, (_, index) => `a${index}: getModel { name }`).join(' ');
    const { errors = [] } = await ask(run.api, alice, `{ ${fields} }`);
    expect(errors.length).toBeGreaterThan(0);
  });

  test('a subscription over HTTP is refused', async () => {
    const { errors } = await ask(run.api, alice, ON_UPDATED);
    expect(errors).toMatchObject([{ errorType: 'OperationNotSupported' }]);
  });

  test('a browser of any origin may call: preflight and answer', async () => {
    const { graphqlUrl } = run.api.config;
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };
    const asked = { ...headers, 'access-control-request-headers': 'authorization,content-type' };
    const preflight = await fetch(graphqlUrl, { method: 'OPTIONS', headers: asked });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/authorization/i);
  });
});

// The wire protocol: the page is real-time-websocket-client.
describe('a realtime connection (real-time-websocket-client)', () => {
  /** The answer to connection_init. */
  async function open(url: string, protocols: string[]): Promise<Frame> {
    const socket = new WebSocket(url, protocols);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    const [data] = await once(socket, 'message');
    socket.terminate();
    return JSON.parse(String(data));
  }

  async function header(caller: Caller): Promise<string> {
    const { host } = new URL(run.api.config.graphqlUrl);
    return Buffer.from(JSON.stringify({ host, ...(await caller('{}', '/graphql/connect')) })).toString('base64');
  }

  test.each(['subprotocol', 'query'])('takes its credentials by %s; the ack has the time-out', async (form) => {
    const { realtimeUrl } = run.api.config;
    const encoded = await header(alice);
    const urlSafe = encoded.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const answer =
      form === 'query'
        ? open(`${realtimeUrl}?header=${encodeURIComponent(encoded)}&payload=e30=`, ['graphql-ws'])
        : open(realtimeUrl, ['graphql-ws', `header-${urlSafe}`]);
    expect(await answer).toMatchObject({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
  });

  test('is refused by a connection_error with type and code', async () => {
    const encoded = await header(withToken('e30.e30.e30'));
    const url = `${run.api.config.realtimeUrl}?header=${encodeURIComponent(encoded)}&payload=e30=`;
    expect(await open(url, ['graphql-ws'])).toMatchObject({
      type: 'connection_error',
      payload: { errors: [{ errorType: 'UnauthorizedException', errorCode: 401 }] },
    });
  });
});

describe('subscriptions (real-time-websocket-client, aws-appsync-real-time-enhanced-filtering)', () => {
  const hears = (requestId: string) => (frame: Frame) =>
    frame.type === 'data' && JSON.stringify(frame.payload).includes(requestId);

  /** A change that is pushed: a request is made, and its photo is none. */
  async function change(): Promise<string> {
    const client = run.clientOf('alice');
    const { requestId } = await client.submit(new Uint8Array([0xff, 0xd8, 0xff, 0]), { contentType: 'image/jpeg' });
    return requestId;
  }

  test('a start is acknowledged, and data comes under its id with what was selected', async () => {
    const listener = await listening();
    expect(await listener.subscribe('mine', ON_UPDATED)).toEqual({ id: 'mine', type: 'start_ack' });
    const requestId = await change();
    expect(await listener.frame(hears(requestId))).toEqual({
      id: 'mine',
      type: 'data',
      payload: { data: { onRequestUpdated: { requestId, version: expect.any(Number) } } },
    });
  });

  test('two of one connection have each its own filter', async () => {
    const listener = await listening();
    const none = 'subscription { onRequestUpdated(requestId: "none") { requestId version } }';
    await listener.subscribe('none', none);
    await listener.subscribe('all', ON_UPDATED);
    await listener.frame(hears(await change()));
    expect(new Set(listener.frames.filter(({ type }) => type === 'data').map(({ id }) => id))).toEqual(
      new Set(['all']),
    );
  });

  test('the id of one that is open is a DuplicatedOperationError', async () => {
    const listener = await listening();
    await listener.subscribe('a', ON_UPDATED);
    await listener.subscribe('a', ON_UPDATED);
    const refused = await listener.frame(({ type }) => type === 'error');
    expect([refused.id, errorTypeOf(refused)]).toEqual(['a', 'DuplicatedOperationError']);
  });

  test('one that nobody may have, and one that is none, is an error of its id alone', async () => {
    const listener = await listening();
    expect(errorTypeOf(await listener.subscribe('a', 'subscription { nope }'))).toBe('ValidationError');
    expect(errorTypeOf(await listener.subscribe('b', MODEL))).toBe('UnsupportedOperation');
    expect((await listener.subscribe('c', ON_UPDATED)).type).toBe('start_ack');
  });

  test('a connection has at most 100', async () => {
    const listener = await listening();
    const ids = Array.from({ length: 100 }, (_, index) => String(index));
    const acks = await Promise.all(ids.map((id) => listener.subscribe(id, ON_UPDATED)));
    expect(new Set(acks.map(({ type }) => type))).toEqual(new Set(['start_ack']));
    expect(errorTypeOf(await listener.subscribe('one more', ON_UPDATED))).toBe('MaxSubscriptionsReachedError');
  });

  test('nothing of before is repeated', async () => {
    const first = await listening();
    await first.subscribe('a', ON_UPDATED);
    const before = await change();
    await first.frame(hears(before));
    const second = await listening();
    await second.subscribe('a', `subscription { onRequestUpdated { requestId owner } }`);
    const after = await change();
    await second.frame(hears(after));
    expect(second.frames.some((frame) => JSON.stringify(frame).includes(before) && hears('version":1')(frame))).toBe(
      false,
    );
  });

  test('an argument that no request has hears nothing; the connection goes on', async () => {
    const listener = await listening();
    const query = 'subscription ($id: ID) { onRequestUpdated(requestId: $id) { requestId } }';
    await listener.subscribe('none', query, { id: randomUUID() });
    await listener.subscribe('absent', query);
    await listener.frame(hears(await change()));
    expect(listener.frames.filter(({ type }) => type === 'data').every(({ id }) => id === 'absent')).toBe(true);
  });
});
