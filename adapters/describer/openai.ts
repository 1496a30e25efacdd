import { once } from 'node:events';
import OpenAI from 'openai';
import * as z from 'zod';
import type { Briefing } from '../../core/description/briefing.ts';
import { type Describer, NoDescription } from './describer.ts';

const instructions = [
  'You explain the output of an image classifier for skin lesions to a person without medical training.',
  'Write three to six short, calm sentences in the language that the input names. Say which kinds of lesion the',
  'model considers and how sure it is, and what any notice means for trusting it. If there are no predictions, say only',
  'that the photo allowed no statement. Never name a condition that is not among the predictions, never say that the',
  'person has or does not have a disease, never advise a treatment. Copy triageStatement and disclaimer into the',
  'text, word for word.',
].join(' ');

const answerSchema = z.object({ text: z.string().min(1) });

const answerFormat = {
  type: 'json_schema' as const,
  name: 'description',
  strict: true,
  schema: {
    type: 'object',
    properties: { text: { type: 'string' } },
    required: ['text'],
    additionalProperties: false,
  },
};

const limits = {
  /** One try; the client makes three, honouring Retry-After. */
  tryMilliseconds: 20_000,
  /** All tries and waits together: well inside the function's 90 seconds. */
  totalMilliseconds: 50_000,
};

/** OpenAI's Responses API with structured output. Nothing is stored there, and nothing a user typed is sent. */
export function createOpenAiDescriber(
  apiKey: () => Promise<string | null>,
  model: string,
  { tryMilliseconds, totalMilliseconds } = limits,
): Describer {
  return {
    async describe(briefing) {
      const key = await apiKey().catch((error: unknown) => {
        throw new NoDescription('unavailable', error);
      });
      if (key === null) throw new NoDescription('no_key');
      const client = new OpenAI({ apiKey: key, timeout: tryMilliseconds, maxRetries: 2, logLevel: 'off' });
      const signal = AbortSignal.timeout(totalMilliseconds);
      return { text: textOf(await ask(client, briefing, model, signal)), model };
    },
  };
}

async function ask(
  client: OpenAI,
  briefing: Briefing,
  model: string,
  signal: AbortSignal,
): Promise<OpenAI.Responses.Response> {
  const body = { model, store: false, instructions, input: JSON.stringify(briefing), text: { format: answerFormat } };
  // The client does not look at its signal while it waits to try again, a minute if the server says so.
  const late = once(signal, 'abort').then(() => Promise.reject(signal.reason));
  try {
    return await Promise.race([client.responses.create(body, { signal }), late]);
  } catch (error) {
    throw new NoDescription('unavailable', error);
  }
}

/** Whatever a lying server sends in a response's place ends here. */
function textOf(response: OpenAI.Responses.Response): string {
  if (isRefusal(response)) throw new NoDescription('refused');
  try {
    return answerSchema.parse(JSON.parse(response.output_text)).text;
  } catch (error) {
    throw new NoDescription('unusable', error);
  }
}

const refusalSchema = z.object({
  output: z.array(z.object({ content: z.array(z.object({ type: z.string() })).optional() })),
});

function isRefusal(response: unknown): boolean {
  const parsed = refusalSchema.safeParse(response);
  return parsed.success && parsed.data.output.some((item) => item.content?.some((part) => part.type === 'refusal'));
}
