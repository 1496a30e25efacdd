import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { samplePhoto, useCloud } from '../helpers/cloud.ts';
import { type Answer, accessKeyOf, ask, withToken } from './callers.ts';

const run = useCloud();

/** Longer than any caller should have to wait, and well below the 28 seconds after which its function is killed. */
const patience = 20_000;

const never = new Promise<undefined>(() => {});
let answers: Record<'getResult' | 'listRequests' | 'submitRequest' | 'cancelRequest', Answer>;
let waited = 0;

/** Everything that a function asks of AWS hangs, at once for all of them: so the test waits only once. */
beforeAll(async () => {
  const client = run.clientOf('alice');
  const imageKey = await client.upload(samplePhoto);
  const deaf = ['getResult', 'listRequests', 'submitRequest', 'cancelRequest'].map((name) =>
    accessKeyOf(run.cloud, name),
  );
  run.cloud.faults.gateway(({ accessKeyId }) => (deaf.includes(accessKeyId ?? '') ? never : undefined));
  const caller = withToken(await run.cloud.token('alice'));
  const say = (query: string) => ask(run.cloud, caller, query);
  const requestId = randomUUID();
  const started = performance.now();
  const [getResult, listRequests, submitRequest, cancelRequest] = await Promise.all([
    say(`{ getResult(requestId: "${requestId}") { requestId } }`),
    say('{ listRequests { nextToken } }'),
    say(`mutation { submitRequest(input: { imageKey: "${imageKey}" }) { requestId } }`),
    say(`mutation { cancelRequest(requestId: "${requestId}") { requestId } }`),
  ]);
  waited = performance.now() - started;
  answers = { getResult, listRequests, submitRequest, cancelRequest };
  run.cloud.faults.gateway(undefined);
});

describe('a service that takes a call and never answers', () => {
  test.each(['getResult', 'listRequests', 'submitRequest', 'cancelRequest'] as const)(
    'has %s tell its caller to try again',
    (field) => {
      const errors = [{ errorType: 'ServiceUnavailable', errorInfo: { retryable: true, retryAfterSeconds: 2 } }];
      expect(answers[field].errors).toMatchObject(errors);
    },
  );

  test('keeps nobody waiting until their function is killed', () => {
    expect(waited).toBeLessThan(patience);
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
});
