import { AwsV4Signer } from 'aws4fetch';
import { generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { SECRET_ACCESS_KEY } from '../engine.ts';
import {
  API_KEY,
  connectWire,
  headerProtocol,
  OUTSIDER,
  openWire,
  PUBLISHER,
  publishNote,
  startFixture,
  tokenFor,
} from './testing/fixture.ts';

const ON_NOTE = 'subscription S($id: ID) { onNote(id: $id) { id text } }';
const memo = { id: '1', owner: 'apikey', kind: 'memo', text: 'hello', version: 1 };
const firstError = (frame: { payload?: Record<string, unknown> }) => {
  const { errors } = frame.payload ?? {};
  return Array.isArray(errors) ? errors[0] : undefined;
};

/** Headers of a POST, signed. */
async function signed(accessKeyId: string, url: string, body: string): Promise<Record<string, string>> {
  const scope = { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY, service: 'appsync', region: 'us-east-1' };
  const { headers } = await new AwsV4Signer({ ...scope, url, method: 'POST', body }).sign();
  return Object.fromEntries(headers);
}

describe('handshake', () => {
  test('credentials may come by subprotocol, query or header', async () => {
    await using server = await startFixture();
    const shown = { host: new URL(server.graphqlUrl).host, ...API_KEY };
    const header = encodeURIComponent(Buffer.from(JSON.stringify(shown)).toString('base64'));
    const forms = [
      { protocols: ['graphql-ws', headerProtocol(shown)] },
      { protocols: ['graphql-ws'], url: `${server.realtimeUrl}?header=${header}&payload=e30=` },
      { protocols: ['graphql-ws'], headers: API_KEY },
    ];
    for (const form of forms) {
      await using wire = await openWire(server, form);
      wire.send({ type: 'connection_init' });
      expect(await wire.next()).toEqual({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
      expect(await wire.next('ka')).toEqual({ type: 'ka' });
    }
  });

  test.for([
    ['a wrong key', { 'x-api-key': 'da2-wrong' }, 'UnauthorizedException', 401],
    ['an expired key', { 'x-api-key': 'da2-old' }, 'UnauthorizedException', 401],
    ['no credentials', {}, 'UnauthorizedException', 401],
    ['the host of another API', { host: 'elsewhere', 'x-api-key': 'da2-good' }, 'BadRequestException', 400],
  ] as const)('%s gets a connection_error and is closed', async ([, header, errorType, errorCode]) => {
    await using server = await startFixture();
    const host = new URL(server.graphqlUrl).host;
    await using wire = await openWire(server, { protocols: ['graphql-ws', headerProtocol({ host, ...header })] });
    wire.send({ type: 'connection_init' });
    const frame = await wire.next();
    expect(frame.type).toBe('connection_error');
    expect(firstError(frame)).toMatchObject({ errorType, errorCode });
    await wire.closed;
  });

  test('it may be signed: a POST of {} to /connect', async () => {
    await using server = await startFixture();
    const { graphqlUrl } = server;
    const open = async (url: string, body: string) => {
      const header = { host: new URL(url).host, ...(await signed(PUBLISHER, url, body)) };
      await using wire = await openWire(server, { protocols: ['graphql-ws', headerProtocol(header)] });
      wire.send({ type: 'connection_init' });
      return (await wire.next()).type;
    };
    expect(await open(`${graphqlUrl}/connect`, '{}')).toBe('connection_ack');
    expect(await open(graphqlUrl, '{}')).toBe('connection_error');
    expect(await open(`${graphqlUrl}/connect`, '')).toBe('connection_error');
  });

  test('keep-alive frames go on', async () => {
    await using server = await startFixture({ keepAliveMs: 10 });
    await using wire = await connectWire(server);
    for (const _ of [1, 2, 3]) expect(await wire.next('ka')).toEqual({ type: 'ka' });
  });

  test('connections are counted while they last', async () => {
    await using server = await startFixture();
    const wire = await connectWire(server);
    expect(server.connections()).toBe(1);
    await server.stop();
    await wire.closed;
    expect(server.connections()).toBe(0);
  });

  test('with TLS it is wss', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], { keySize: 2048 });
    await using server = await startFixture({ tls: { key, cert } });
    expect(server.realtimeUrl).toBe(`wss://127.0.0.1:${server.port}/graphql/realtime`);
    const socket = new WebSocket(server.realtimeUrl, ['graphql-ws'], { headers: API_KEY, rejectUnauthorized: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.terminate();
  });
});

describe('subscriptions', () => {
  test('the enhanced filter lets each owner hear of their own alone, of one note or of all', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    const alice = { Authorization: await tokenFor('alice') };
    const bob = { Authorization: await tokenFor('bob') };
    wire.start('alice', ON_NOTE, alice);
    expect(await wire.next()).toEqual({ id: 'alice', type: 'start_ack' });
    wire.start('alice 1', ON_NOTE, alice, { id: '1' });
    expect(await wire.next()).toEqual({ id: 'alice 1', type: 'start_ack' });
    wire.start('bob', ON_NOTE, bob);
    expect(await wire.next()).toEqual({ id: 'bob', type: 'start_ack' });
    await publishNote(server, { ...memo, owner: 'cognito#bob', id: '1' });
    expect(await wire.next()).toEqual({
      id: 'bob',
      type: 'data',
      payload: { data: { onNote: { id: '1', text: 'hello' } } },
    });
    await publishNote(server, { ...memo, owner: 'cognito#alice', id: '2' });
    expect(await wire.next()).toMatchObject({ id: 'alice', payload: { data: { onNote: { id: '2' } } } });
    await publishNote(server, { ...memo, owner: 'cognito#alice', id: '1' });
    expect([(await wire.next()).id, (await wire.next()).id].sort()).toEqual(['alice', 'alice 1']);
  });

  test('a filter sees nothing that the mutation did not select', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    wire.start('a', ON_NOTE);
    await wire.next();
    await publishNote(server, memo, 'id text');
    await publishNote(server, { ...memo, text: 'second' }, 'id owner text');
    expect(await wire.next()).toMatchObject({ payload: { data: { onNote: { text: 'second' } } } });
  });

  test('arguments filter where no resolver does: absent is everything, null only null, a default counts', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    const start = async (id: string, args: string) => {
      wire.start(id, `subscription { onAnyNote${args} { version } }`);
      expect(await wire.next()).toEqual({ id, type: 'start_ack' });
    };
    await start('default kind', '');
    await start('id 1', '(id: "1")');
    await start('null kind', '(kind: null)');
    const heardBy = async (note: object, count: number) => {
      await publishNote(server, note);
      const ids: (string | undefined)[] = [];
      while (ids.length < count) ids.push((await wire.next()).id);
      return ids;
    };
    expect(await heardBy({ ...memo, id: '2' }, 1)).toEqual(['default kind']);
    expect(await heardBy({ ...memo, id: '1' }, 2)).toEqual(['default kind', 'id 1']);
    expect(await heardBy({ ...memo, kind: null }, 1)).toEqual(['null kind']);
    expect(await heardBy({ ...memo, kind: 'other' }, 0)).toEqual([]);
    wire.start('end', 'subscription { onAnyNote(kind: null) { id } }');
    expect(await wire.next()).toMatchObject({ id: 'end', type: 'start_ack' });
  });

  test('variables that are not given leave an argument absent', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    const query = 'subscription S($id: ID) { onAnyNote(id: $id) { id } }';
    wire.start('absent', query);
    wire.start('null', query, API_KEY, { id: null });
    await wire.next();
    await wire.next();
    await publishNote(server, memo);
    await publishNote(server, { ...memo, id: '2' });
    expect([(await wire.next()).id, (await wire.next()).id]).toEqual(['absent', 'absent']);
  });

  test('a field that the mutation did not select is null; a non-null one makes the whole null, with an error', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    wire.start('a', 'subscription { onAll { id text mine: version } }');
    wire.start('b', 'subscription { onAll { owner } }');
    await wire.next();
    await wire.next();
    await publishNote(server, memo, 'alias: id version');
    expect(await wire.next()).toEqual({
      id: 'a',
      type: 'data',
      payload: { data: { onAll: { id: '1', text: null, mine: 1 } } },
    });
    const message = "Cannot return null for non-nullable type: 'String' within parent 'Note' (/onAll/owner)";
    expect(await wire.next()).toMatchObject({ id: 'b', payload: { data: { onAll: null }, errors: [{ message }] } });
  });

  test.for(['plain', 'internal'])(
    'a nested type (%s) that publisher or subscriber may not have is null',
    async (field) => {
      await using server = await startFixture();
      await using wire = await connectWire(server);
      wire.start('a', `subscription { onAll { ${field} { value } } }`);
      await wire.next();
      await publishNote(server, { ...memo, [field]: { value: 'x' } }, `id ${field} { value }`);
      expect(await wire.next()).toMatchObject({ payload: { data: { onAll: { [field]: { value: null } } } } });
    },
  );

  test('a failed mutation publishes nothing', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    wire.start('a', 'subscription { onAll { id } }');
    await wire.next();
    expect((await publishNote(server, { owner: 'x' })).data).toEqual({ publishNote: null });
    await publishNote(server, memo);
    expect(await wire.next()).toMatchObject({ payload: { data: { onAll: { id: '1' } } } });
  });

  test('who may not have the field, and whom the resolver denies, gets an error for that id alone', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    const alice = { Authorization: await tokenFor('alice') };
    wire.start('a', 'subscription { onAll { id } }', alice);
    const refused = await wire.next();
    expect(refused).toMatchObject({ id: 'a', type: 'error' });
    const message = 'Not Authorized to access onAll on type Subscription';
    expect(firstError(refused)).toMatchObject({ errorType: 'Unauthorized', message });
    wire.start('b', 'subscription { onDenied { id } }', alice);
    expect(firstError(await wire.next())).toMatchObject({
      errorType: 'Unauthorized',
      message: 'Not Authorized to access onDenied on type Subscription',
    });
    wire.start('c', ON_NOTE, alice);
    expect(await wire.next()).toEqual({ id: 'c', type: 'start_ack' });
  });

  test('each start shows its own credentials', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    wire.start('a', ON_NOTE, { 'x-api-key': 'da2-old' });
    expect(firstError(await wire.next())).toMatchObject({ errorType: 'UnauthorizedException' });
    wire.start('b', ON_NOTE, { Authorization: await tokenFor('alice', { expires: '-1s' }) });
    expect(firstError(await wire.next())).toMatchObject({ errorType: 'UnauthorizedException' });
    wire.send({ id: 'c', type: 'start', payload: { data: JSON.stringify({ query: ON_NOTE }) } });
    expect(firstError(await wire.next())).toMatchObject({ errorType: 'BadRequestException' });
  });

  test('a start may be signed, over its data', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    const query = 'subscription { onAll { id } }';
    const data = JSON.stringify({ query, variables: {} });
    const sign = (accessKeyId: string, body: string) => signed(accessKeyId, server.graphqlUrl, body);
    wire.start('good', query, await sign(PUBLISHER, data));
    expect(await wire.next()).toEqual({ id: 'good', type: 'start_ack' });
    wire.start('other body', query, await sign(PUBLISHER, '{}'));
    expect(firstError(await wire.next())).toMatchObject({ errorType: 'BadRequestException' });
    wire.start('not allowed', query, await sign(OUTSIDER, data));
    expect(firstError(await wire.next())).toMatchObject({ errorType: 'Unauthorized' });
  });

  test('an id in use is a DuplicatedOperationError, and the first goes on', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    wire.start('a', ON_NOTE);
    wire.start('a', ON_NOTE);
    const frames = [await wire.next(), await wire.next()];
    expect(frames.map(({ type }) => type).sort()).toEqual(['error', 'start_ack']);
    expect(firstError(frames.find(({ type }) => type === 'error') ?? {})).toMatchObject({
      errorType: 'DuplicatedOperationError',
    });
    await publishNote(server, memo);
    expect(await wire.next()).toMatchObject({ id: 'a', type: 'data' });
  });

  test('stop is answered with complete, nothing more comes, and the id is free again', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    wire.start('a', ON_NOTE);
    await wire.next();
    wire.send({ id: 'a', type: 'stop' });
    expect(await wire.next()).toEqual({ id: 'a', type: 'complete' });
    await publishNote(server, memo);
    wire.start('a', ON_NOTE);
    expect(await wire.next()).toEqual({ id: 'a', type: 'start_ack' });
  });

  test('an id whose start failed, or was stopped before its ack, is free', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    wire.start('a', 'subscription { nope }');
    expect((await wire.next()).type).toBe('error');
    wire.start('a', ON_NOTE);
    wire.send({ id: 'a', type: 'stop' });
    wire.start('a', ON_NOTE);
    expect(await wire.next()).toEqual({ id: 'a', type: 'complete' });
    expect(await wire.next()).toEqual({ id: 'a', type: 'start_ack' });
    await publishNote(server, memo);
    expect((await wire.next()).type).toBe('data');
  });

  test('a connection has at most 100 subscriptions', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    for (let index = 0; index < 100; index++) wire.start(String(index), 'subscription { onAll { id } }');
    for (let index = 0; index < 100; index++) expect((await wire.next()).type).toBe('start_ack');
    wire.start('one more', ON_NOTE);
    expect(firstError(await wire.next())).toMatchObject({ errorType: 'MaxSubscriptionsReachedError' });
  });

  test('a payload over 240 KB is not sent', async () => {
    const lines: object[] = [];
    await using server = await startFixture({ log: (line) => lines.push(line) });
    await using wire = await connectWire(server);
    wire.start('a', ON_NOTE);
    await wire.next();
    await publishNote(server, { ...memo, text: 'x'.repeat(240 * 1024) });
    await publishNote(server, memo);
    expect(await wire.next()).toMatchObject({ payload: { data: { onNote: { text: 'hello' } } } });
    expect(lines).toMatchObject([{ level: 'error', message: expect.stringMatching(/240 KB/) }]);
  });

  test('queries, invalid documents and unknown frames are errors', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    wire.start('a', '{ mine }');
    expect(firstError(await wire.next())).toMatchObject({ errorType: 'UnsupportedOperation' });
    wire.start('b', 'subscription { nope }');
    expect(firstError(await wire.next())).toMatchObject({ errorType: 'ValidationError' });
    wire.send({ type: 'ping' });
    expect(firstError(await wire.next())).toMatchObject({ errorType: 'UnsupportedOperation' });
  });

  test('who subscribes later, or reconnects, gets nothing of before', async () => {
    await using server = await startFixture();
    await publishNote(server, { ...memo, text: 'before' });
    await using wire = await connectWire(server);
    wire.start('a', ON_NOTE);
    await wire.next();
    await publishNote(server, { ...memo, text: 'after' });
    expect(await wire.next()).toMatchObject({ payload: { data: { onNote: { text: 'after' } } } });
  });

  test('a reload leaves open subscriptions as they are', async () => {
    await using server = await startFixture();
    await using wire = await connectWire(server);
    wire.start('a', ON_NOTE);
    await wire.next();
    server.reload({});
    await publishNote(server, memo);
    expect(await wire.next()).toMatchObject({ id: 'a', type: 'data' });
  });
});
