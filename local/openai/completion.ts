import { createHash } from 'node:crypto';
import * as z from 'zod';

/** What the model says: `content` null where it refuses or has nothing to say. */
export interface Completion {
  content: string | null;
  refusal: string | null;
}

const schema = z.strictObject({
  type: z.literal('object'),
  properties: z.strictObject({ text: z.looseObject({ type: z.literal('string') }) }),
  required: z.tuple([z.literal('text')]),
  additionalProperties: z.literal(false),
});
const format = { name: z.string(), strict: z.literal(true), schema };
const model = z.string().min(1);
const store = z.literal(false, { error: 'must be false, by a rule of this project: OpenAI is to keep nothing' });

const responsesRequest = z.strictObject({
  ...{ model, store, instructions: z.string(), input: z.string() },
  text: z.strictObject({ format: z.strictObject({ type: z.literal('json_schema'), ...format }) }),
});
const chatRequest = z.strictObject({
  ...{ model, store, messages: z.array(z.strictObject({ role: z.string(), content: z.string() })).min(1) },
  response_format: z.strictObject({ type: z.literal('json_schema'), json_schema: z.strictObject(format) }),
});

/**
 * By route: the user's input in a request, and the answer to it. Each throws a ZodError for what is not taken here.
 * https://platform.openai.com/docs/api-reference/responses, https://platform.openai.com/docs/api-reference/chat
 */
export const APIS: Record<string, { inputOf(body: unknown): string; answer(body: unknown, said: Completion): object }> =
  {
    'POST /v1/responses': { inputOf: (body) => responsesRequest.parse(body).input, answer: response },
    'POST /v1/chat/completions': {
      inputOf: (body) => chatRequest.parse(body).messages.at(-1)?.content ?? '',
      answer: chat,
    },
  };

function response(body: unknown, { content, refusal }: Completion) {
  const { model, instructions, input, text } = responsesRequest.parse(body);
  const id = idOf(body);
  const part = refusal ? { type: 'refusal', refusal } : { type: 'output_text', text: content, annotations: [] };
  const message = { type: 'message', id: `msg_${id}`, status: 'completed', role: 'assistant', content: [part] };
  const [input_tokens, output_tokens] = [tokens(input), tokens(content)];
  return {
    ...{ id: `resp_${id}`, object: 'response', created_at: now(), status: 'completed', model, instructions, text },
    ...{ error: null, incomplete_details: null, metadata: {}, parallel_tool_calls: true, previous_response_id: null },
    ...{ store: false, temperature: 1, tool_choice: 'auto', tools: [], top_p: 1, truncation: 'disabled' },
    output: content === null && refusal === null ? [] : [message],
    usage: {
      ...{ input_tokens, output_tokens, total_tokens: input_tokens + output_tokens },
      ...{ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
    },
  };
}

function chat(body: unknown, said: Completion) {
  const { model, messages } = chatRequest.parse(body);
  const message = { role: 'assistant', ...said };
  const choices = [{ index: 0, message, finish_reason: 'stop', logprobs: null }];
  const [prompt_tokens, completion_tokens] = [tokens(JSON.stringify(messages)), tokens(said.content)];
  const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
  return { id: `chatcmpl-${idOf(body)}`, object: 'chat.completion', created: now(), model, choices, usage };
}

const idOf = (body: unknown) => createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 48);
const now = () => Math.floor(Date.now() / 1000);
const tokens = (text: string | null) => Math.ceil((text?.length ?? 0) / 4);
