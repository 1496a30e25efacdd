import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createOpenAiDescriber } from '../../adapters/describer/openai.ts';
import { createRedisHandover } from '../../adapters/handover/redis.ts';
import { createPublisher } from '../../adapters/publisher.ts';
import { briefingOf } from '../../core/description/briefing.ts';
import { type Answer, accessKeyOf, ask, withToken } from '../support/callers.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';
import { startSilentServer } from '../support/silentServer.ts';

const run = useCloud();

/** Milliseconds. A field's function is killed after 28 s, the publisher after 60; a description must not wait for Redis. */
const patience = { field: 20_000, publisher: 10_000, redis: 3_000 };

const fields = ['getResult', 'listRequests', 'submitRequest', 'cancelRequest'] as const;
/** After which the enrichment function is killed. */
const enrichmentSeconds = 90;
const briefing = briefingOf(
  {
    ...{ predictions: [], triage: 'INCONCLUSIVE', confidence: 'NONE', malignantProbability: null, notices: [] },
    ...{ margin: null, entropy: null, distance: null, imageQuality: null },
  },
  'en',
);

const never = new Promise<undefined>(() => {});
const redis = await startSilentServer({ tls: true });
const appSync = await startSilentServer();
const llm = await startSilentServer();
afterAll(() => {
  redis.stop();
  llm.stop();
  appSync.stop();
});

async function timed<T>(work: Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const started = performance.now();
  return { result: await work, milliseconds: performance.now() - started };
}

let answers: Map<(typeof fields)[number], { result: Answer; milliseconds: number }>;
let pushed: { result: unknown; milliseconds: number };
let fetched: { result: unknown; milliseconds: number };

/** Everything hangs at once, so that the test waits only once. */
beforeAll(async () => {
  const imageKey = await run.clientOf('alice').upload(samplePhoto);
  const deaf = fields.map((field) => accessKeyOf(run.cloud, field));
  run.cloud.faults.gateway(({ accessKeyId }) => (deaf.includes(accessKeyId ?? '') ? never : undefined));
  const caller = withToken(await run.cloud.token('alice'));
  const queries = {
    getResult: `{ getResult(requestId: "${randomUUID()}") { requestId } }`,
    listRequests: '{ listRequests { nextToken } }',
    submitRequest: `mutation { submitRequest(input: { imageKey: "${imageKey}" }) { requestId } }`,
    cancelRequest: `mutation { cancelRequest(requestId: "${randomUUID()}") { requestId } }`,
  };
  const asking = fields.map(async (field) => [field, await timed(ask(run.cloud, caller, queries[field]))] as const);
  const cache = createRedisHandover('127.0.0.1', redis.port);
  const { publish } = createPublisher(`http://127.0.0.1:${appSync.port}`, '', 'us-east-1', {
    accessKeyId: 'x',
    secretAccessKey: 'x',
  });
  const update = { requestId: 'x', owner: 'x', status: 'PENDING', version: 1, disclaimer: '' } as const;
  [answers, pushed, fetched] = await Promise.all([
    Promise.all(asking).then((all) => new Map(all)),
    timed(publish(update).catch((error: unknown) => error)),
    timed(cache.get('x')),
  ]);
  run.cloud.faults.gateway(undefined);
});

describe('a service that takes a call and never answers', () => {
  test.each(fields)('has %s tell its caller to try again, long before it would be killed', (field) => {
    const { result, milliseconds } = answers.get(field)!;
    expect(result.errors).toMatchObject([
      { errorType: 'ServiceUnavailable', errorInfo: { retryable: true, retryAfterSeconds: 2 } },
    ]);
    expect(milliseconds).toBeLessThan(patience.field);
  });

  test('costs a worker one time-out and no attempt: the SDK asks again', async () => {
    const inference = accessKeyOf(run.cloud, 'inference');
    let hung = 0;
    // The photo, and not the model.
    run.cloud.faults.gateway(({ accessKeyId, headers }) =>
      accessKeyId === inference && headers['if-match'] && hung++ === 0 ? never : undefined,
    );
    const request = await run.clientOf('alice').classify(samplePhoto);
    run.cloud.faults.gateway(undefined);
    expect(hung).toBeGreaterThan(1);
    expect(request).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  });

  test('makes a push fail, so that its record is tried again', () => {
    expect(appSync.connections()).toBeGreaterThan(0);
    expect(pushed.result).toMatchObject({ name: 'TimeoutError' });
    expect(pushed.milliseconds).toBeLessThan(patience.publisher);
  });

  test('is a miss, where it is Redis', () => {
    expect(redis.connections()).toBeGreaterThan(0);
    expect(fetched.result).toBeUndefined();
    expect(fetched.milliseconds).toBeLessThan(patience.redis);
  });

  test('is no description, where it is the LLM, while its function still has time to say so', async () => {
    vi.stubEnv('OPENAI_BASE_URL', `http://127.0.0.1:${llm.port}/v1`);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let reason: unknown;
    createOpenAiDescriber(async () => 'a key', 'a-model')
      .describe(briefing)
      .catch((error: unknown) => {
        reason = error;
      });
    let seconds = 0;
    for (; reason === undefined && seconds < enrichmentSeconds; seconds++) {
      await vi.advanceTimersByTimeAsync(1000);
      await setImmediate();
    }
    vi.useRealTimers();
    vi.unstubAllEnvs();
    expect(llm.connections()).toBeGreaterThan(0);
    expect(reason).toMatchObject({ name: 'NoDescription', reason: 'unavailable' });
    expect(seconds).toBeLessThan(enrichmentSeconds - 20);
  });
});
