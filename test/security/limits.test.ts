import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getIntrospectionQuery } from 'graphql';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod';
import { readTemplate } from '../../cloud/template/template.ts';
import { startProduct } from '../../local/product.ts';
import { ask, type Caller, send, withApiKey, withToken } from '../support/callers.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';
import { rootFields } from '../support/everyField.ts';
import { giveUpAfterOneReceive } from '../support/giveUpAfterOneReceive.ts';
import { listen } from '../support/listening.ts';

const run = useCloud();
/** As the template sets them. */
const limits = z
  .object({ ResolverCountLimit: z.int().positive(), QueryDepthLimit: z.int().positive() })
  .parse(
    readTemplate(inject('assemblyDir')).resources.find(({ type }) => type === 'AWS::AppSync::GraphQLApi')?.properties,
  );
let user: Caller;
beforeAll(async () => {
  user = withToken(await run.cloud.token('mallory'));
});

const aliases = (count: number, field: string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ');
const absent = 'getResult(requestId: "7f0c2a9e-1111-4111-8111-000000000001") { requestId }';

/** A refusal of any kind: of the request, or of the operation. No data, and no long story. */
async function expectRefused(body: string): Promise<void> {
  const answer = await send(run.cloud, body, await user(body));
  expect(answer.status).toBeLessThan(500);
  expect(Object.values(answer.data ?? {}).filter((value) => value !== null)).toEqual([]);
  expect(answer.errors?.length).toBeGreaterThan(0);
  expect(JSON.stringify(answer).length).toBeLessThan(100_000);
  expect(await ask(run.cloud, user, '{ getModel { name } }')).toEqual(fine);
}

const fine = { status: 200, errorType: null, data: { getModel: { name: expect.any(String) } } };

/** How often a function has run, by its log. */
function invocations(name: string): number {
  const lines = readFileSync(join(run.cloud.logDir, `${name}.log`), 'utf8').split('\n');
  return lines.filter((line) => line.includes('"level":"report"')).length;
}

describe('one request', () => {
  test('runs no more resolvers than the limit, however many aliases it has', async () => {
    const before = invocations('getResult');
    const answer = await ask(run.cloud, user, `{ ${aliases(1000, absent)} }`);
    expect(answer.errors).toHaveLength(1000 - limits.ResolverCountLimit);
    expect(new Set(answer.errors?.map(({ errorType }) => errorType))).toEqual(
      new Set(['ResolverExecutionLimitReached']),
    );
    expect(invocations('getResult') - before).toBe(limits.ResolverCountLimit);
  });

  test('submits no more than the limit either', async () => {
    const submit = 'submitRequest(input: { imageKey: "uploads/x" }) { requestId }';
    const before = invocations('submitRequest');
    const answer = await ask(run.cloud, user, `mutation { ${aliases(1000, submit)} }`);
    expect(answer.data ?? null).toBeNull();
    expect(invocations('submitRequest') - before).toBeLessThanOrEqual(limits.ResolverCountLimit);
  });

  test('subscribes once: a subscription with aliases is refused', async () => {
    const listener = await listen(run.cloud, user);
    const document = `subscription { ${aliases(2, 'onRequestUpdated { requestId }')} }`;
    expect(await listener.subscribe('1', document)).toMatchObject({ type: 'error' });
    listener.close();
  });

  test.each([
    ['nested 100,000 deep', () => ({ query: '{ a '.repeat(100_000) + '}'.repeat(100_000) })],
    ['with 100,000 fragments in a row', () => ({ query: chainOfFragments(100_000) })],
    ['with a fragment that contains itself', () => ({ query: '{ ...F } fragment F on Query { ...F }' })],
    ['with a field 100,000 times that is none', () => ({ query: `{ ${aliases(100_000, 'nothing')} }` })],
    [
      'with a directive 100,000 times',
      () => ({ query: `{ getModel ${'@skip(if: false) '.repeat(100_000)}{ name } }` }),
    ],
    ['of 5 MB of text', () => ({ query: `{ getResult(requestId: "${'x'.repeat(5_000_000)}") { requestId } }` })],
    ['with variables of 5 MB', () => withVariable('x'.repeat(5_000_000))],
    ['whose introspection goes round in circles', () => ({ query: `{ __schema { types ${circles(8)} } }` })],
    ['with an object for a text', () => withVariable({ $ne: null })],
    ['with a list for a text', () => withVariable(['a', 'b'])],
    [
      'with __proto__ among its variables',
      () => ({ query: '{ x }', variables: JSON.parse('{"__proto__": {"a": 1}}') }),
    ],
  ])('%s is refused, and the API goes on', async (_, make) => {
    await expectRefused(JSON.stringify(make()));
  });

  test.each([
    ['a batch of two', JSON.stringify([{ query: '{ getModel { name } }' }, { query: '{ getModel { name } }' }])],
    ['no JSON', '{ getModel { name } }'],
    ['nothing', ''],
    ['variables nested 100,000 deep', `{"query": "{ x }", "variables": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['JSON without a query', '{}'],
    ['two operations and no name', JSON.stringify({ query: 'query A { __typename } query B { __typename }' })],
    ['a subscription', JSON.stringify({ query: 'subscription { onRequestUpdated { requestId } }' })],
  ])('that is %s is refused, and the API goes on', async (_, body) => {
    await expectRefused(body);
  });
});

const withVariable = (requestId: unknown) => ({
  query: 'query ($requestId: ID!) { getResult(requestId: $requestId) { requestId } }',
  variables: { requestId },
});

/** Each round multiplies the answer by the fields of a type. */
const circles = (rounds: number) => `${'{ fields { type '.repeat(rounds)}{ name }${' } }'.repeat(rounds)}`;

function chainOfFragments(length: number): string {
  const links = Array.from({ length }, (_, index) => `fragment F${index} on Query { ...F${index + 1} }`);
  return `{ ...F0 } ${links.join(' ')}`;
}

describe('an owner', () => {
  const submit = 'mutation ($input: SubmitRequestInput!) { submitRequest(input: $input) { requestId } }';
  const ownKey = async () => `uploads/cognito/${decodeJwt(await run.cloud.token('grace')).sub}/${randomUUID()}`;

  test('submits so many photos a minute and no more, and keeps nobody else from it', async () => {
    const grace = withToken(await run.cloud.token('grace'));
    const perMinute = 60;
    const tries: (string | null | undefined)[] = [];
    // The photo is not there, which is found out after counting. A minute may end meanwhile, but not two.
    while (tries.at(-1) !== 'TooManyRequests' && tries.length <= 2 * perMinute) {
      const answer = await ask(run.cloud, grace, submit, { input: { imageKey: await ownKey() } });
      tries.push(answer.errors?.[0]?.errorType);
      if (tries.at(-1) === 'TooManyRequests') {
        expect(answer.errors).toMatchObject([
          { errorInfo: { retryable: true, retryAfterSeconds: expect.any(Number) } },
        ]);
      }
    }
    expect(tries.length).toBeGreaterThan(perMinute);
    expect(tries.slice(0, -1).every((errorType) => errorType === 'ImageNotFound')).toBe(true);
    expect(tries.at(-1)).toBe('TooManyRequests');
    const other = await ask(run.cloud, user, submit, { input: { imageKey: await ownKey() } });
    expect(other.errors).toMatchObject([{ errorType: 'ImageNotFound' }]);
  });

  test('is not counted for the same submission twice', async () => {
    const ivan = withToken(await run.cloud.token('ivan'));
    const imageKey = `uploads/cognito/${decodeJwt(await run.cloud.token('ivan')).sub}/${randomUUID()}`;
    const clientToken = randomUUID();
    const tries = Array.from({ length: 100 }, () => ask(run.cloud, ivan, submit, { input: { imageKey, clientToken } }));
    const types = (await Promise.all(tries)).map(({ errors }) => errors?.[0]?.errorType);
    expect(new Set(types)).toEqual(new Set(['ImageNotFound']));
  });

  test('has its retries counted too, as each is a photo for the model', async () => {
    await giveUpAfterOneReceive(run.cloud, 'Inference');
    run.cloud.faults.gateway(async ({ service, method }) =>
      service === 's3' && method === 'GET' ? { status: 403, headers: {}, body: '' } : undefined,
    );
    const client = run.clientOf('heidi');
    const failed = await client.classify(samplePhoto);
    run.cloud.faults.gateway(undefined);
    expect(failed.error).toMatchObject({ code: 'InferenceFailed', retryable: true });
    const heidi = withToken(await run.cloud.token('heidi'));
    const { sub } = decodeJwt(await run.cloud.token('heidi'));
    const useUp = async (): Promise<void> => {
      const imageKey = `uploads/cognito/${sub}/${randomUUID()}`;
      const { errors } = await ask(run.cloud, heidi, submit, { input: { imageKey } });
      if (errors?.[0]?.errorType !== 'TooManyRequests') await useUp();
    };
    await useUp();
    const retry = `mutation { retryRequest(requestId: "${failed.requestId}") { status } }`;
    expect((await ask(run.cloud, heidi, retry)).errors).toMatchObject([{ errorType: 'TooManyRequests' }]);
  });
});

describe('a template with introspection and API key off', () => {
  test('answers neither, and takes what a client asks for', async () => {
    const cloud = await startProduct({ context: { introspection: 'false', apiKey: 'false' } });
    try {
      const caller = withToken(await cloud.token('mallory'));
      for (const query of [
        getIntrospectionQuery(),
        '{ __type(name: "Request") { name } }',
        '{ __schema { types { name } } }',
      ]) {
        const answer = await ask(cloud, caller, query);
        expect(answer).toMatchObject({ status: 200, data: null });
        expect(answer.errors?.map(({ errorType }) => errorType)).toContain('ValidationError');
      }
      expect(cloud.config.apiKey).toBeUndefined();
      const key = withApiKey(run.cloud.config.apiKey ?? '');
      expect(await ask(cloud, key, '{ getModel { name } }')).toMatchObject({ status: 401 });
      const list = rootFields.find(({ name }) => name === 'Query.listRequests')?.document ?? '';
      expect(await ask(cloud, caller, list)).toMatchObject({ data: { listRequests: { items: [] } } });
    } finally {
      await cloud.stop();
    }
  });
});

test('a template with introspection on answers it whole, and to those alone whom it knows', async () => {
  const whole = await ask(run.cloud, user, getIntrospectionQuery());
  expect(whole).toMatchObject({ status: 200, data: { __schema: { queryType: { name: 'Query' } } } });
  expect(whole.errors).toBeUndefined();
  expect(await ask(run.cloud, async () => ({}), getIntrospectionQuery())).toMatchObject({ status: 401 });
});

test('the deepest that a client can ask for stays within the stricter limit', () => {
  const depthOf = (document: string) => {
    let depth = 0;
    return Math.max(...[...document].map((character) => (depth += character === '{' ? 1 : character === '}' ? -1 : 0)));
  };
  for (const { document } of rootFields) expect(depthOf(document)).toBeLessThanOrEqual(limits.QueryDepthLimit);
});
