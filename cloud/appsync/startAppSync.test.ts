import { generateKeyPair } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import {
  API_KEY,
  type Invoke,
  OUTSIDER,
  options,
  PUBLISHER,
  post,
  postSigned,
  publishNote,
  resolvers,
  startFixture,
  tokenFor,
} from './testing/fixture.ts';

const note = { id: '1', owner: 'cognito#alice', text: 'hello', plain: { value: 'x' }, tags: [{ name: 'a' }] };
const returning =
  (data: unknown): Invoke =>
  async () => ({ payload: { data } });
const GET = '{ getNote(id: "1") { id text } }';
const amzDate = (at: number) => new Date(at).toISOString().replace(/[:-]|\.\d{3}/g, '');

describe('authorization', () => {
  test('an API key is let in, a wrong, expired or missing one gets 401 with x-amzn-errortype', async () => {
    await using server = await startFixture({ invoke: returning(note) });
    expect((await post(server, API_KEY, GET)).data).toEqual({ getNote: { id: '1', text: 'hello' } });
    const bad: Record<string, string>[] = [{ 'x-api-key': 'da2-wrong' }, { 'x-api-key': 'da2-old' }, {}];
    for (const headers of bad) {
      const { status, errorType, errors, data } = await post(server, headers, GET);
      expect({ status, errorType, data }).toEqual({ status: 401, errorType: 'UnauthorizedException', data: undefined });
      expect(errors).toEqual([{ errorType: 'UnauthorizedException', message: expect.stringMatching(/authoriz/) }]);
    }
  });

  test('a mode that the API does not have is refused, whatever the credentials', async () => {
    const schema = 'type Query { getNote: String }';
    const only = resolvers.filter(({ fieldName }) => fieldName === 'getNote');
    await using server = await startFixture({ additionalAuth: [], schema, resolvers: only });
    expect((await post(server, API_KEY, '{ getNote }')).status).toBe(401);
    expect((await postSigned(server, '{ getNote }')).status).toBe(401);
  });

  test('a forged, expired or unsigned JWT is refused', async () => {
    await using server = await startFixture({ invoke: returning(note) });
    const stranger = (await generateKeyPair('RS256')).privateKey;
    const good = await tokenFor('alice');
    const [, payload] = good.split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const bad = [await tokenFor('alice', { key: stranger }), await tokenFor('alice', { expires: '-1s' }), none, 'x'];
    for (const Authorization of bad) expect((await post(server, { Authorization }, GET)).status).toBe(401);
    expect((await post(server, { Authorization: good }, GET)).data).toEqual({ getNote: { id: '1', text: 'hello' } });
  });

  test('a signature is verified: wrong secret, unknown key and a clock 6 minutes off are refused', async () => {
    await using server = await startFixture({ invoke: returning(note) });
    const status = async (how: object) => (await postSigned(server, GET, {}, how)).status;
    expect(await status({})).toBe(200);
    expect(await status({ datetime: amzDate(Date.now() - 4 * 60_000) })).toBe(200);
    expect(await status({ secretAccessKey: 'wrong' })).toBe(400);
    expect(await status({ accessKeyId: 'AKIAUNKNOWN' })).toBe(403);
    for (const minutes of [-6, 6]) {
      const answer = await postSigned(server, GET, {}, { datetime: amzDate(Date.now() + minutes * 60_000) });
      expect(answer).toMatchObject({ status: 400, errorType: 'BadRequestException' });
      expect(answer.errors?.[0]?.message).toMatch(/^Signature expired/);
    }
  });

  test('a signature over another body is refused', async () => {
    await using server = await startFixture({ invoke: returning(note) });
    const { AwsClient } = await import('aws4fetch');
    const client = new AwsClient({
      accessKeyId: PUBLISHER,
      secretAccessKey: 'local-secret-access-key',
      service: 'appsync',
      region: 'us-east-1',
    });
    const signed = await client.sign(server.graphqlUrl, { method: 'POST', body: 'something else' });
    const response = await fetch(server.graphqlUrl, {
      method: 'POST',
      headers: signed.headers,
      body: JSON.stringify({ query: GET }),
    });
    expect(response.status).toBe(400);
  });

  test('publishing is IAM only, and only for a role that the policy allows', async () => {
    const isAllowed = vi.fn(options.isAllowed);
    await using server = await startFixture({ isAllowed });
    const mutation = 'mutation { publishNote(note: "{}") { id } }';
    const message = 'Not Authorized to access publishNote on type Mutation';
    for (const headers of [API_KEY, { Authorization: await tokenFor('alice') }]) {
      const answer = await post(server, headers, mutation);
      expect(answer).toMatchObject({ status: 200, data: { publishNote: null } });
      expect(answer.errors).toEqual([
        {
          path: ['publishNote'],
          data: null,
          errorType: 'Unauthorized',
          errorInfo: null,
          locations: [{ line: 1, column: 12, sourceName: null }],
          message,
        },
      ]);
    }
    const outsider = await postSigned(server, mutation, {}, { accessKeyId: OUTSIDER });
    expect(outsider.errors?.[0]).toMatchObject({ errorType: 'Unauthorized', message });
    const arn = 'arn:aws:appsync:us-east-1:000000000000:apis/api1/types/Mutation/fields/publishNote';
    expect(isAllowed.mock.calls).toEqual([[OUTSIDER, 'appsync:GraphQL', arn]]);
    expect((await publishNote(server, note)).data).toMatchObject({ publishNote: { id: '1' } });
  });

  test('a field without a directive takes the default mode, and a nested type without one is null with an error', async () => {
    await using server = await startFixture({ invoke: returning(note) });
    const query = '{ getNote(id: "1") { id plain { value } } }';
    const answer = await post(server, API_KEY, query);
    expect(answer.data).toEqual({ getNote: { id: '1', plain: { value: null } } });
    expect(answer.errors).toMatchObject([
      { path: ['getNote', 'plain', 'value'], message: 'Not Authorized to access value on type Plain' },
    ]);
    const own = await post(server, { Authorization: await tokenFor('alice') }, query);
    expect(own).toMatchObject({ data: { getNote: { plain: { value: 'x' } } }, errors: undefined });
    expect((await post(server, API_KEY, '{ mine }')).errors).toMatchObject([{ errorType: 'Unauthorized' }]);
  });
});

describe('resolvers', () => {
  test('a Lambda function gets the whole context', async () => {
    const invoke = vi.fn<Invoke>(async () => ({ payload: { data: 'ok' } }));
    await using server = await startFixture({ invoke });
    const query = 'query Q($n: Int) { again: context(n: $n) }';
    await post(server, { Authorization: await tokenFor('alice'), 'X-Custom': 'yes' }, query, { n: 7 });
    const [functionName, event] = invoke.mock.calls[0] ?? [];
    expect(functionName).toBe('context');
    expect(event).toEqual({
      arguments: { n: 7 },
      source: null,
      identity: {
        sub: 'alice',
        issuer: 'http://127.0.0.1/pool',
        username: 'alice',
        claims: expect.objectContaining({ client_id: 'app', token_use: 'access' }),
        sourceIp: ['127.0.0.1'],
        groups: ['staff'],
        defaultAuthStrategy: 'ALLOW',
      },
      request: { headers: expect.objectContaining({ 'x-custom': 'yes' }), domainName: null },
      info: {
        fieldName: 'context',
        parentTypeName: 'Query',
        variables: { n: 7 },
        selectionSetList: [],
        selectionSetGraphQL: '',
      },
      prev: null,
      stash: {},
    });
    await post(server, API_KEY, '{ getNote(id: 1) { ...F } } fragment F on Note { id mine: child { text } }');
    expect(invoke.mock.calls[1]?.[1]).toMatchObject({
      arguments: { id: '1' },
      identity: null,
      info: { selectionSetList: ['id', 'mine', 'mine/text'], selectionSetGraphQL: '{\n  ...F\n}' },
    });
    await postSigned(server, '{ context }');
    expect(invoke.mock.calls[2]?.[1]).toMatchObject({
      arguments: { n: 3 },
      identity: { accountId: '000000000000', userArn: 'arn:aws:sts::000000000000:assumed-role/Publisher/Publisher' },
    });
  });

  test('an error that a function returned keeps type, data (as selected) and errorInfo', async () => {
    const error = {
      message: 'gone',
      type: 'NotFound',
      data: { id: '1', text: 'secret' },
      errorInfo: { retryable: false },
    };
    await using server = await startFixture({ invoke: async () => ({ payload: { error } }) });
    const answer = await post(server, API_KEY, '{\n  getNote(id: "1") { id }\n}');
    expect(answer).toMatchObject({ status: 200, data: { getNote: null } });
    expect(answer.errors).toEqual([
      {
        path: ['getNote'],
        data: { id: '1' },
        errorType: 'NotFound',
        errorInfo: { retryable: false },
        locations: [{ line: 2, column: 3, sourceName: null }],
        message: 'gone',
      },
    ]);
  });

  test('a function that throws, and one that takes too long, reach the response handler as ctx.error', async () => {
    const invoke: Invoke = (name) =>
      name === 'slow'
        ? new Promise(() => {})
        : Promise.resolve({ functionError: { errorType: 'TypeError', errorMessage: 'boom' } });
    await using server = await startFixture({ invoke, resolverTimeoutMs: 20 });
    const answer = await post(server, API_KEY, '{ getNote(id: 1) { id } slow }');
    expect(answer.errors).toMatchObject([
      { path: ['getNote'], errorType: 'Lambda:Unhandled', message: 'boom' },
      { path: ['slow'], errorType: 'Lambda:ExecutionTimeoutException', message: 'Execution timed out.' },
    ]);
  });

  test('what a resolver appends, and what goes wrong in its code, are errors of its field', async () => {
    const code = (expression: string) =>
      `import { util } from '@aws-appsync/utils';
      export const request = () => ({ payload: 1 });
      export const response = (ctx) => ${expression};`;
    const soft = code('util.appendError("soft", "Soft", null, { a: 1 }) ?? "still"');
    const at = (fieldName: string, text: string) =>
      ({ typeName: 'Query', fieldName, code: text, dataSource: { type: 'NONE' } }) as const;
    const broken = code('ctx.nothing.there');
    await using server = await startFixture({ resolvers: [at('slow', soft), at('bad', broken)] });
    const answer = await post(server, API_KEY, '{ slow bad(kind: "x") }');
    expect(answer.data).toEqual({ slow: 'still', bad: null });
    expect(answer.errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: ['slow'], errorType: 'Soft', errorInfo: { a: 1 }, message: 'soft' }),
        expect.objectContaining({
          path: ['bad'],
          errorType: 'Code',
          message: expect.stringMatching(/^Runtime Error: TypeError: .*nothing|^Runtime Error: TypeError: .*there/),
        }),
      ]),
    );
  });

  test('AWS scalars are validated both ways, and AWSJSON is parsed for the resolver', async () => {
    const invoke = vi.fn<Invoke>(async () => ({
      payload: { data: { ...note, at: 'yesterday', link: 'https://a.b/c' } },
    }));
    await using server = await startFixture({ invoke });
    const echo = (args: string) => post(server, API_KEY, `{ echo(${args}) { at link } }`);
    const answer = await echo('json: "{\\"a\\":[1]}", at: "2024-02-29T10:00:00.5Z"');
    expect(invoke.mock.calls[0]?.[1]).toMatchObject({ arguments: { json: { a: [1] }, at: '2024-02-29T10:00:00.5Z' } });
    expect(answer.data).toEqual({ echo: { at: null, link: 'https://a.b/c' } });
    expect(answer.errors).toMatchObject([{ path: ['echo', 'at'], message: '"yesterday" is not a valid AWSDateTime' }]);
    for (const args of [
      'json: "{"',
      'json: {a: 1}',
      'at: "2024-01-01"',
      'at: "2024-01-01T00:00"',
      'at: "2023-02-29T00:00Z"',
      'link: "no url"',
    ]) {
      expect((await echo(args)).errors).toMatchObject([{ errorType: 'ValidationError' }]);
    }
    const variable = await post(server, API_KEY, 'query Q($j: AWSJSON) { echo(json: $j) { id } }', { j: { a: 1 } });
    expect(variable).toMatchObject({
      status: 200,
      data: null,
      errors: [{ message: expect.stringMatching(/AWSJSON/) }],
    });
    expect(invoke).toHaveBeenCalledTimes(1);
  });

  test('past the depth limit a field is null with QueryDepthLimitReached', async () => {
    await using server = await startFixture({ invoke: returning({ ...note, child: note }), queryDepthLimit: 2 });
    const answer = await post(server, API_KEY, '{ getNote(id: 1) { text child { text } } }');
    expect(answer.data).toEqual({ getNote: { text: 'hello', child: { text: null } } });
    expect(answer.errors).toMatchObject([{ errorType: 'QueryDepthLimitReached', path: ['getNote', 'child', 'text'] }]);
  });

  test('list positions are no depth', async () => {
    await using server = await startFixture({ invoke: returning(note), queryDepthLimit: 3 });
    const answer = await post(server, API_KEY, '{ getNote(id: 1) { tags { name } } }');
    expect(answer).toMatchObject({ data: { getNote: { tags: [{ name: 'a' }] } }, errors: undefined });
  });

  test('past the resolver count limit resolvers do not run', async () => {
    const invoke = vi.fn(returning(note));
    await using server = await startFixture({ invoke, resolverCountLimit: 2 });
    const answer = await post(
      server,
      API_KEY,
      '{ a: getNote(id: 1) { id } b: getNote(id: 2) { id } c: getNote(id: 3) { id } }',
    );
    expect(answer.errors).toMatchObject([{ errorType: 'ResolverExecutionLimitReached', path: ['c'] }]);
    expect(invoke).toHaveBeenCalledTimes(2);
  });
});

describe('requests', () => {
  test('an invalid query is a ValidationError with 200, in the shape of every other error', async () => {
    await using server = await startFixture();
    const { status, data, errors } = await post(server, API_KEY, '{ nope }');
    expect({ status, data }).toEqual({ status: 200, data: null });
    expect(errors).toEqual([
      {
        path: null,
        data: null,
        errorType: 'ValidationError',
        errorInfo: null,
        locations: [{ line: 1, column: 3, sourceName: null }],
        message: 'Cannot query field "nope" on type "Query".',
      },
    ]);
  });

  test('a null where none may be is said in AppSync words', async () => {
    await using server = await startFixture({ invoke: returning({ owner: 'x' }) });
    const { data, errors } = await post(server, API_KEY, GET);
    expect(data).toEqual({ getNote: null });
    const message = "Cannot return null for non-nullable type: 'ID' within parent 'Note' (/getNote/id)";
    expect(errors).toMatchObject([{ path: ['getNote', 'id'], message }]);
  });

  test('a subscription over HTTP is OperationNotSupported', async () => {
    await using server = await startFixture();
    const answer = await post(server, API_KEY, 'subscription { onAll { id } }');
    expect(answer).toMatchObject({ status: 200, errors: [{ errorType: 'OperationNotSupported' }] });
  });

  test('what is no GraphQL is a MalformedHttpRequestException', async () => {
    await using server = await startFixture();
    expect(await post(server, API_KEY, '{')).toMatchObject({ status: 400, errorType: 'MalformedHttpRequestException' });
    const response = await fetch(server.graphqlUrl, { method: 'POST', headers: API_KEY, body: 'no json' });
    expect(response.status).toBe(400);
  });

  test('introspection can be switched off', async () => {
    await using on = await startFixture();
    await using off = await startFixture({ introspection: false });
    const query = '{ __schema { queryType { name } } __typename }';
    expect((await post(on, API_KEY, query)).data).toMatchObject({ __schema: { queryType: { name: 'Query' } } });
    expect((await post(off, API_KEY, query)).errors?.[0]).toMatchObject({ errorType: 'ValidationError' });
    expect((await post(off, API_KEY, '{ __typename }')).data).toEqual({ __typename: 'Query' });
  });

  test('a browser of another origin may call', async () => {
    await using server = await startFixture();
    const preflight = await fetch(server.graphqlUrl, {
      method: 'OPTIONS',
      headers: { origin: 'http://app', 'access-control-request-headers': 'authorization,x-api-key' },
    });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,x-api-key');
    const refused = await fetch(server.graphqlUrl, { method: 'POST', body: '{}' });
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('a port in use rejects with EADDRINUSE', async () => {
    await using server = await startFixture();
    await expect(startFixture({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('new resolvers are live at once; refused ones change nothing', async () => {
    await using server = await startFixture();
    const code = 'export const request = () => ({ payload: 1 });\nexport const response = () => "new";';
    server.reload({ resolvers: [{ typeName: 'Query', fieldName: 'slow', code, dataSource: { type: 'NONE' } }] });
    expect((await post(server, API_KEY, '{ slow }')).data).toEqual({ slow: 'new' });
    expect(() => server.reload({ schema: 'type Query { a: AWSEmail }' })).toThrow(/AWSEmail/);
    expect((await post(server, API_KEY, '{ slow }')).data).toEqual({ slow: 'new' });
  });

  test('other routes are handed on, and what none takes is 404', async () => {
    await using server = await startFixture({
      routes: [
        async (request, response) => {
          if (request.url !== '/config.json') return false;
          response.end('{}');
          return true;
        },
      ],
    });
    const at = (path: string) => fetch(new URL(path, server.graphqlUrl));
    expect((await at('/config.json')).status).toBe(200);
    expect((await at('/else')).status).toBe(404);
  });
});
