import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import * as z from 'zod';

const asked = z.looseObject({ input: z.string() });
const briefing = z.looseObject({ triageStatement: z.string(), disclaimer: z.string() });
export type Briefing = z.infer<typeof briefing>;

/** What the LLM does with a briefing: says a text in whatever form, refuses, or fails with a body of its own. */
export type Mood = (briefing: Briefing) => { says: string } | { refuses: string } | { fails: number; body: object };

/** An OpenAI API that says what a test tells it to; for texts that must not turn up elsewhere. */
export async function startLyingLlm() {
  let mood: Mood = () => ({ says: '' });
  const told: unknown[] = [];
  const server = createServer(async (request, response) => {
    const body = asked.parse(await json(request));
    told.push(body);
    const answer = mood(briefing.parse(JSON.parse(body.input)));
    const [status, reply] = 'fails' in answer ? [answer.fails, answer.body] : [200, responseOf(answer)];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    /** The bodies of all requests so far. */
    told,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    setMood(next: Mood) {
      mood = next;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function responseOf(answer: { says: string } | { refuses: string }): object {
  const part =
    'says' in answer
      ? { type: 'output_text', text: answer.says, annotations: [] }
      : { type: 'refusal', refusal: answer.refuses };
  const message = { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [part] };
  return { id: 'resp_1', object: 'response', status: 'completed', output: [message] };
}
