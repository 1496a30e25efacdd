import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { briefingOf, rebuiltHandoverOf } from '../../core/description/briefing.ts';
import { aResult, at, processing } from '../../core/testing/requests.ts';
import { savePrediction } from '../../core/transitions.ts';
import { createOpenAiDescriber } from './openai.ts';

const content = [{ type: 'output_text', text: JSON.stringify({ text: 'At last.' }), annotations: [] }];
const output = [{ type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content }];
const answer = { id: 'resp_1', object: 'response', status: 'completed', output };

let retryAfter = '';
let asked = 0;
/** Too busy the first time, and it says when to come back. */
const server = createServer((_, response) => {
  asked += 1;
  if (asked === 1) response.writeHead(429, { 'retry-after': retryAfter }).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  vi.stubEnv('OPENAI_BASE_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  asked = 0;
});

function describe(): Promise<{ text: string }> {
  const request = savePrediction(processing({ describe: true }), aResult(), at(2));
  if (request.status !== 'AWAITING_DESCRIPTION') throw new Error(request.status);
  const limits = { tryMilliseconds: 5_000, totalMilliseconds: 2_000 };
  const describer = createOpenAiDescriber(async () => 'key', 'model', limits);
  return describer.describe(briefingOf(rebuiltHandoverOf(request), 'en'));
}

test('an LLM that asks for patience gets it', async () => {
  retryAfter = '0.1';
  expect(await describe()).toMatchObject({ text: 'At last.' });
  expect(asked).toBe(2);
});

test('an LLM that asks for more patience than there is gets no second call', async () => {
  retryAfter = '50';
  await expect(describe()).rejects.toMatchObject({ name: 'NoDescription', reason: 'unavailable' });
  expect(asked).toBe(1);
});
