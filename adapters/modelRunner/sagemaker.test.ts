import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseModelManifest } from '../../core/modelManifest.ts';
import { tinyManifest, tinyOnnx } from '../../models/testing/tinyModel.ts';
import { createSageMakerRunner } from './sagemaker.ts';
import { type Endpoint, startRuntime } from './testing/sageMakerEndpoint.ts';

const manifest = parseModelManifest(tinyManifest(tinyOnnx()));
const photo = new Uint8Array(32 * 32 * 3);
const output = {
  logits: [[1, 2, 3]],
  activation: { data: [0, 1, 2], rows: 1, columns: 1 },
  distance: 0.5,
  modality: null,
};
const answer = JSON.stringify(output);
let endpoint: Endpoint;

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(async () => {
  await endpoint.stop();
  vi.unstubAllEnvs();
});

async function runnerAgainst(reply: () => { status: number; body: string }, options = {}) {
  endpoint = await startRuntime('lesions', reply);
  vi.stubEnv('AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME', endpoint.url);
  return createSageMakerRunner('lesions', manifest, options);
}

test('an endpoint that is busy at first is asked again', async () => {
  const runner = await runnerAgainst(() =>
    endpoint.invocations() < 3 ? { status: 503, body: 'ServiceUnavailable' } : { status: 200, body: answer },
  );
  expect((await runner.run(photo)).distance).toBe(0.5);
  expect(endpoint.invocations()).toBe(3);
});

test('an endpoint that stays broken fails the photo after three tries', async () => {
  const runner = await runnerAgainst(() => ({ status: 500, body: 'InternalFailure' }));
  await expect(runner.run(photo)).rejects.toThrow();
  expect(endpoint.invocations()).toBe(3);
});

test('an answer that never comes is given up after the time-out, which is for all tries together', async () => {
  endpoint = await startRuntime('lesions', new URL('http://127.0.0.1:9/'));
  await endpoint.stop();
  let calls = 0;
  const silent = createServer(() => calls++);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : 0;
  vi.stubEnv('AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME', `http://127.0.0.1:${port}`);
  const runner = createSageMakerRunner('lesions', manifest, { timeout: 200 });
  await expect(runner.run(photo)).rejects.toThrow(/time|abort/i);
  expect(calls).toBe(1);
  silent.close();
});

test.each([
  ['what is not JSON', 'oops', /JSON/],
  ['another shape', '{"scores":[1]}', /logits/],
  ['a container from before there were views', '{"logits":[1,2,3],"activation":null,"distance":0.5}', /logits/],
  ['another number of classes', { ...output, logits: [[1]] }, /gives 1 logits, tiny has 3 classes/],
  [
    'more views than were asked for',
    {
      ...output,
      logits: [
        [1, 2, 3],
        [1, 2, 3],
      ],
    },
    /gives 2 views, tiny has 1/,
  ],
  ['no distance, where the model has one', { ...output, distance: null }, /gives no distance, which tiny has/],
  ['no activation, where the model has one', { ...output, activation: null }, /gives no activation/],
  ['a modality that is no probability', { ...output, modality: 1.2 }, /modality of 1.2/],
])('an answer of %s fails the photo', async (_, body, message) => {
  const runner = await runnerAgainst(() => ({
    status: 200,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }));
  await expect(runner.run(photo)).rejects.toThrow(message);
});

test('a photo is one request, however many views the model has: they are made where the model is', async () => {
  const views = [1, 2, 3, 4].map((first) => [first, 2, 3]);
  endpoint = await startRuntime('lesions', () => ({ status: 200, body: JSON.stringify({ ...output, logits: views }) }));
  vi.stubEnv('AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME', endpoint.url);
  const runner = createSageMakerRunner('lesions', { ...manifest, views: 4 });
  expect((await runner.run(photo)).logits.map((view) => [...view])).toEqual(views);
  expect(endpoint.invocations()).toBe(1);
});

test('an input larger than a serverless endpoint takes is refused before anything is sent', async () => {
  endpoint = await startRuntime('lesions', () => ({ status: 200, body: answer }));
  const large = { ...manifest, input: { ...manifest.input, width: 1500, height: 1500 } };
  expect(() => createSageMakerRunner('lesions', large)).toThrow(/4 MB/);
});
