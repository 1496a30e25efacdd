import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { viewOf } from '../core/requestView.ts';
import { processing } from '../core/testing/requests.ts';
import { createPublisher } from './publisher.ts';

let answer = { status: 200, body: '' };
const server = createServer((_, response) => response.writeHead(answer.status).end(answer.body));
let publish: () => Promise<void>;

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const publisher = createPublisher(`http://127.0.0.1:${port}/graphql`, 'mutation { x }', 'us-east-1', credentials);
  publish = () => publisher.publish(viewOf(processing()));
});
afterAll(() => {
  server.close();
});

test('a push that AppSync took is done', async () => {
  answer = { status: 200, body: '{"data":{"publishRequestUpdate":{"requestId":"1"}}}' };
  await publish();
});

test.each([
  [
    'HTTP 200 with errors',
    200,
    '{"data":null,"errors":[{"errorType":"Unauthorized","message":"secret"}]}',
    'Unauthorized',
  ],
  ['errors beside data', 200, '{"data":{"x":1},"errors":[{"errorType":"MappingTemplate"}]}', 'MappingTemplate'],
  ['HTTP 200 without data', 200, '{}', 'no data'],
  ['HTTP 200 with another schema', 200, '{"errors":"none"}', 'expected array'],
  ['HTTP 200 that is no JSON', 200, '<html>', 'JSON'],
  ['an empty answer', 200, '', 'JSON'],
  ['HTTP 500', 500, '{"data":{"x":1}}', 'AppSync answered 500'],
])('%s is a push that failed', async (_, status, body, message) => {
  answer = { status, body };
  await expect(publish()).rejects.toThrow(message);
});
