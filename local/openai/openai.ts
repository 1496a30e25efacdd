import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { APIS, type Completion } from './completion.ts';
import { type Fault, faultDrawer, faultSchema } from './fault.ts';

const MAX_REQUESTS_KEPT = 1000;

/** What the enrichment worker sends as input, in JSON. */
const briefing = z.looseObject({
  predictions: z.array(z.looseObject({ label: z.string(), probability: z.number() })).default([]),
  triageStatement: z.string(),
  disclaimer: z.string(),
});

export type OpenAi = Awaited<ReturnType<typeof startOpenAi>>;

/**
 * An OpenAI API that needs no model: the same briefing gets the same text. `requests` are the bodies of the last 1,000
 * calls. A fault is set by `setFault`, or from another process by POST /faults (JSON; null: none).
 */
export async function startOpenAi({ port = 0 }: { port?: number } = {}) {
  const requests: unknown[] = [];
  const stopping = new AbortController();
  let draw = faultDrawer(undefined);
  const setFault = (fault: Fault | undefined) => {
    draw = faultDrawer(fault);
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    const body = await json(request);
    if (route === 'POST /faults') {
      setFault(faultSchema.nullable().parse(body) ?? undefined);
      return send(response, 200, {});
    }
    const api = APIS[route];
    if (!api) return sendError(response, 404, `The embedded OpenAI server does not implement ${route}`);
    if (!/^Bearer \S/.test(request.headers.authorization ?? ''))
      return sendError(response, 401, 'No API key was given');
    requests.push(body);
    if (requests.length > MAX_REQUESTS_KEPT) requests.shift();
    const text = describe(api.inputOf(body));
    const fault = draw();
    if (fault?.kind === 'hangup') return void response.destroy();
    if (fault?.kind === 'slow') await wait(fault.ms, undefined, { signal: stopping.signal });
    if (fault?.kind !== 'status') return send(response, 200, api.answer(body, said(text, fault)));
    if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
    sendError(response, fault.status, 'A fault that was asked for');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      sendError(response, 400, error instanceof z.ZodError ? z.prettifyError(error) : String(error));
    });
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = server.address();
  async function stop(): Promise<void> {
    stopping.abort();
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  }
  return { url: `http://127.0.0.1:${typeof address === 'object' && address?.port}/v1`, requests, setFault, stop };
}

/** The most probable class as a figure, which reads the same in every language, then the sentences that must stand. */
function describe(input: string): string {
  const { predictions, triageStatement, disclaimer } = briefing.parse(JSON.parse(input));
  const finding = predictions
    .slice(0, 1)
    .map(({ label, probability }) => `${label}: ${Math.round(probability * 100)} %.`);
  return [...finding, triageStatement, disclaimer].join(' ');
}

function said(text: string, fault: Fault | undefined): Completion {
  if (fault?.kind === 'empty') return { content: null, refusal: null };
  if (fault?.kind === 'refusal') return { content: null, refusal: 'I am sorry, but I cannot help with that.' };
  if (fault?.kind === 'invalid-json') return { content: '{"text": "This ends in the mid', refusal: null };
  if (fault?.kind === 'wrong-schema') return { content: JSON.stringify({ description: [text] }), refusal: null };
  return { content: JSON.stringify({ text: fault?.kind === 'lying' ? fault.text : text }), refusal: null };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** https://platform.openai.com/docs/guides/error-codes */
function sendError(response: ServerResponse, status: number, message: string): void {
  const type = status >= 500 ? 'server_error' : status === 429 ? 'rate_limit_exceeded' : 'invalid_request_error';
  send(response, status, { error: { message, type, param: null, code: null } });
}
