import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from './fault.ts';
import { type OpenAi as OpenAiServer, startOpenAi } from './openai.ts';

let server: OpenAiServer;
let client: OpenAI;
beforeAll(async () => {
  server = await startOpenAi();
  client = new OpenAI({ baseURL: server.url, apiKey: 'sk-test', maxRetries: 0, logLevel: 'off' });
});
afterEach(() => server.setFault(undefined));
afterAll(() => server.stop());

const briefing = {
  locale: 'en',
  triageStatement: 'Please show this lesion to a doctor in the coming weeks.',
  disclaimer: 'This is no diagnosis.',
  predictions: [
    { label: 'Melanoma', probability: 0.723, malignant: true },
    { label: 'Nevus', probability: 0.2, malignant: false },
  ],
  notices: [],
};
const expected = `Melanoma: 72 %. ${briefing.triageStatement} ${briefing.disclaimer}`;
const schema = {
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
  additionalProperties: false,
};
const request = {
  model: 'gpt-5-mini',
  store: false,
  instructions: 'Describe the result.',
  input: JSON.stringify(briefing),
  text: { format: { type: 'json_schema' as const, name: 'description', strict: true, schema } },
};

async function described(): Promise<unknown> {
  return JSON.parse((await client.responses.create(request)).output_text);
}

describe('the Responses API', () => {
  test('names the first score, then the triage statement and the disclaimer word for word', async () => {
    expect(await described()).toEqual({ text: expected });
    expect(await described()).toEqual({ text: expected });
  });

  test('says nothing of predictions where there are none', async () => {
    const input = JSON.stringify({ ...briefing, predictions: [] });
    const { output_text } = await client.responses.create({ ...request, input });
    expect(JSON.parse(output_text)).toEqual({ text: `${briefing.triageStatement} ${briefing.disclaimer}` });
  });

  test('answers a whole response object', async () => {
    const response = await client.responses.create(request);
    expect(response).toMatchObject({
      ...{ id: expect.stringMatching(/^resp_[0-9a-f]{48}$/), object: 'response', status: 'completed' },
      ...{ model: 'gpt-5-mini', error: null, incomplete_details: null },
      output: [
        {
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', annotations: [] }],
        },
      ],
    });
    const { input_tokens = 0, output_tokens = 0, total_tokens } = response.usage ?? {};
    expect(total_tokens).toBe(input_tokens + output_tokens);
    expect(output_tokens).toBeGreaterThan(0);
  });

  test('gives the same answer to the same request, and another id to another', async () => {
    const { id } = await client.responses.create(request);
    expect((await client.responses.create(request)).id).toBe(id);
    expect((await client.responses.create({ ...request, model: 'gpt-5' })).id).not.toBe(id);
  });

  test('is parsed by the client into the structured output', async () => {
    const parsed = await client.responses.parse(request);
    expect(parsed.output_parsed).toEqual({ text: expected });
  });

  test('keeps the bodies of the last 1,000 requests', async () => {
    server.requests.length = 0;
    await described();
    expect(server.requests).toEqual([request]);
    server.requests.push(...Array.from({ length: 999 }, () => 'earlier'));
    await described();
    expect(server.requests).toHaveLength(1000);
    expect(server.requests[0]).toBe('earlier');
  });
});

test('the Chat Completions API says the same', async () => {
  const { model, store } = request;
  const answer = await client.chat.completions.create({
    ...{ model, store },
    messages: [
      { role: 'system', content: request.instructions },
      { role: 'user', content: request.input },
    ],
    response_format: { type: 'json_schema', json_schema: { name: 'description', strict: true, schema } },
  });
  expect(answer.object).toBe('chat.completion');
  expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant', refusal: null } });
  expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ text: expected });
});

describe('refusals', () => {
  test.each([
    ['that may be stored', { store: true }, /store/],
    ['that leaves storing to the default', { store: undefined }, /store/],
    ['without structured output', { text: undefined }, /text/],
    [
      'with a schema of another form',
      { text: { format: { ...request.text.format, schema: { type: 'object' } } } },
      /schema/,
    ],
    ['with a field that is not emulated', { tools: [{ type: 'web_search' as const }] }, /tools/],
    ['whose input is not JSON', { input: 'a mole' }, /JSON/],
    ['whose input lacks the disclaimer', { input: '{"triageStatement":"x"}' }, /disclaimer/],
  ])('a request %s is a 400 that says so', async (_, change, message) => {
    const answer = client.responses.create({ ...request, ...change });
    await expect(answer).rejects.toMatchObject({ status: 400, message: expect.stringMatching(message) });
  });

  test('a request without a key is a 401, another route a 404 that names it', async () => {
    const post = (path: string, headers = {}) =>
      fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(request) });
    expect((await post('/responses')).status).toBe(401);
    expect((await post('/responses', { authorization: 'Bearer ' })).status).toBe(401);
    const other = await post('/embeddings', { authorization: 'Bearer sk' });
    expect(other.status).toBe(404);
    expect(await other.text()).toContain('/v1/embeddings');
  });
});

describe('faults', () => {
  test("a status comes with OpenAI's error shape and Retry-After", async () => {
    server.setFault({ kind: 'status', status: 429, retryAfter: 7 });
    const error = await client.responses.create(request).catch((thrown: unknown) => thrown);
    if (!(error instanceof OpenAI.RateLimitError)) throw error;
    expect(error.headers.get('retry-after')).toBe('7');
    expect(error.error).toMatchObject({ type: 'rate_limit_exceeded', message: expect.any(String) });
  });

  test("times limits a fault: the client's own retries get through", async () => {
    server.setFault({ kind: 'status', status: 500, retryAfter: 0, times: 2 });
    server.requests.length = 0;
    const patient = new OpenAI({ baseURL: server.url, apiKey: 'sk-test', maxRetries: 2, logLevel: 'off' });
    expect((await patient.responses.create(request)).status).toBe('completed');
    expect(server.requests).toHaveLength(3);
  });

  test("a slow answer meets the client's time-out", async () => {
    server.setFault({ kind: 'slow', ms: 60_000, times: 1 });
    const answer = client.responses.create(request, { timeout: 50 });
    await expect(answer).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    expect(await described()).toEqual({ text: expected });
  });

  test('a slow answer comes in the end', async () => {
    server.setFault({ kind: 'slow', ms: 20 });
    expect(await described()).toEqual({ text: expected });
  });

  test('hangup breaks the connection', async () => {
    server.setFault({ kind: 'hangup' });
    await expect(client.responses.create(request)).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
  });

  test('invalid-json is a completed response that cannot be parsed', async () => {
    server.setFault({ kind: 'invalid-json' });
    const { status, output_text } = await client.responses.create(request);
    expect(status).toBe('completed');
    expect(() => JSON.parse(output_text)).toThrow();
  });

  test('wrong-schema is JSON without the text', async () => {
    server.setFault({ kind: 'wrong-schema' });
    expect(await described()).not.toHaveProperty('text');
  });

  test('refusal is a refusal in the place of a text', async () => {
    server.setFault({ kind: 'refusal' });
    const { output_text, output } = await client.responses.create(request);
    expect(output_text).toBe('');
    expect(output).toMatchObject([{ content: [{ type: 'refusal', refusal: expect.any(String) }] }]);
  });

  test('empty has no output at all', async () => {
    server.setFault({ kind: 'empty' });
    expect((await client.responses.create(request)).output).toEqual([]);
  });

  test('lying says whatever it is told to, in the right form', async () => {
    server.setFault({ kind: 'lying', text: 'You are perfectly healthy.' });
    expect(await described()).toEqual({ text: 'You are perfectly healthy.' });
  });

  test('a probability strikes some requests, the same ones for the same seed', async () => {
    async function struck(seed: number): Promise<boolean[]> {
      server.setFault({ kind: 'empty', probability: 0.5, seed });
      const answers: boolean[] = [];
      for (let i = 0; i < 20; i++) answers.push((await client.responses.create(request)).output.length === 0);
      return answers;
    }
    const first = await struck(1);
    expect(new Set(first)).toEqual(new Set([true, false]));
    expect(await struck(1)).toEqual(first);
    expect(await struck(2)).not.toEqual(first);
  });

  test('another process sets and clears a fault by POST /faults', async () => {
    const post = (fault: Fault | null | { kind: string }) =>
      fetch(new URL('/faults', server.url), { method: 'POST', body: JSON.stringify(fault) });
    expect((await post({ kind: 'status', status: 500 })).status).toBe(200);
    await expect(client.responses.create(request)).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    expect((await post(null)).status).toBe(200);
    expect(await described()).toEqual({ text: expected });
    expect((await post({ kind: 'earthquake' })).status).toBe(400);
  });
});

test('stop does not wait for a slow answer', async () => {
  const second = await startOpenAi();
  second.setFault({ kind: 'slow', ms: 60_000 });
  const other = new OpenAI({ baseURL: second.url, apiKey: 'sk-test', maxRetries: 0, logLevel: 'off' });
  const answer = expect(other.responses.create(request)).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
  await expect.poll(() => second.requests.length).toBe(1);
  await second.stop();
  await answer;
});
