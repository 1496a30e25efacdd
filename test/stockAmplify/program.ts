/**
 * What a developer would write who knows aws-amplify and has read schema.graphql, and nothing of ours: run as a process
 * of its own, with the API's certificate in NODE_EXTRA_CA_CERTS. Reads one JSON line of configuration, says what it has
 * come to in one JSON line each, and goes on at the next line that it is sent.
 */
import { createInterface } from 'node:readline';
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { Hub } from 'aws-amplify/utils';
import * as z from 'zod';
import type { Configuration, Event } from './protocol.ts';

const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const nextLine = async () => String((await input.next()).value);
const say = (event: Event) => console.log(JSON.stringify(event));

const { endpoint, region, apiKey, token, photo }: Configuration = JSON.parse(await nextLine());
const defaultAuthMode = apiKey ? 'apiKey' : 'userPool';
const tokens = { getTokens: async () => ({ accessToken: { payload: {}, toString: () => token } }) };
Amplify.configure(
  { API: { GraphQL: { endpoint, region, ...(apiKey && { apiKey }), defaultAuthMode } } },
  apiKey ? {} : { Auth: { tokenProvider: tokens } },
);
const client = generateClient();

const request = z.object({ requestId: z.string(), status: z.string(), version: z.number() });
const upload = z.object({
  imageKey: z.string(),
  url: z.string(),
  fields: z.array(z.object({ name: z.string(), value: z.string() })),
});

async function call<Data>(data: z.ZodType<Data>, query: string, variables: Record<string, unknown> = {}) {
  return z.object({ data }).parse(await client.graphql({ query, variables })).data;
}

async function submit(): Promise<string> {
  const file = Buffer.from(photo, 'base64');
  const { createUpload } = await call(
    z.object({ createUpload: upload }),
    'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { imageKey url fields { name value } } }',
    { input: { contentType: 'image/jpeg', contentLength: file.length } },
  );
  const form = new FormData();
  for (const { name, value } of createUpload.fields) form.append(name, value);
  form.append('file', new Blob([file]));
  const posted = await fetch(createUpload.url, { method: 'POST', body: form });
  if (!posted.ok) throw new Error(`The upload was answered with ${posted.status}`);
  const { submitRequest } = await call(
    z.object({ submitRequest: request }),
    'mutation ($input: SubmitRequestInput!) { submitRequest(input: $input) { requestId status version } }',
    { input: { imageKey: createUpload.imageKey, clientToken: crypto.randomUUID() } },
  );
  return submitRequest.requestId;
}

async function ended(requestId: string): Promise<void> {
  for (;;) {
    const query = 'query ($requestId: ID!) { getResult(requestId: $requestId) { requestId status version } }';
    const { getResult } = await call(z.object({ getResult: request }), query, { requestId });
    if (getResult.status === 'COMPLETED') return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

let acknowledged = 0;
Hub.listen('api', ({ payload: { event } }) => {
  if (event === 'Subscription ack') say({ event: 'acknowledged', count: ++acknowledged });
});

function listen(requestId: string): void {
  const query = `subscription ($requestId: ID) {
    onRequestUpdated(requestId: $requestId) { requestId status version }
  }`;
  const events = client.graphql({ query, variables: { requestId } });
  if (!('subscribe' in events)) throw new Error('This is no subscription');
  events.subscribe({
    next: (event: unknown) => {
      const { data } = z.object({ data: z.object({ onRequestUpdated: request }) }).parse(event);
      say({ event: 'heard', by: requestId, ...data.onRequestUpdated });
    },
    error: (error: unknown) => say({ event: 'failed', reason: JSON.stringify(error) }),
  });
}

async function remove(requestId: string): Promise<void> {
  const query = 'mutation ($requestId: ID!) { deleteRequest(requestId: $requestId) { requestId status version } }';
  await call(z.object({ deleteRequest: request }), query, { requestId });
}

const { getModel } = await call(z.object({ getModel: z.object({ name: z.string() }) }), '{ getModel { name } }');
say({ event: 'asked', model: getModel.name });
const ids = await Promise.all([submit(), submit(), submit()]);
await Promise.all(ids.map(ended));
say({ event: 'submitted', ids });
const [first = '', second = '', third = ''] = ids;
listen(first);
listen(second);
await nextLine();
await remove(third);
await remove(first);
await nextLine();
await remove(second);
