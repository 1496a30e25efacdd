import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createClient } from '../createClient.ts';

type Answer = (response: ServerResponse) => void;
const html = '<html><body>Bad gateway</body></html>';
const page =
  (status: number, body = html): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'text/html' }).end(body);

/** What somebody between client and API may answer in AppSync's place, and what it means. */
test.each<[string, Answer, { code: string; retryable: boolean }]>([
  ["a proxy's 502", page(502), { code: 'ServiceUnavailable', retryable: true }],
  ['a 503 with nothing', page(503, ''), { code: 'ServiceUnavailable', retryable: true }],
  ["a proxy's 504", page(504), { code: 'ServiceUnavailable', retryable: true }],
  ["a proxy's 404", page(404), { code: 'ServiceUnavailable', retryable: true }],
  ["a proxy's 429", page(429), { code: 'TooManyRequests', retryable: true }],
  ['a 401 that says nothing more', page(401, ''), { code: 'Unauthorized', retryable: false }],
  ["a captive portal's page", page(200), { code: 'Network', retryable: true }],
  [
    'an answer that is cut off',
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
      response.write('{"data":{"getResult":{"requestId":"');
      setImmediate(() => response.destroy());
    },
    { code: 'Network', retryable: true },
  ],
])('%s', async (_, answer, expected) => {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createClient({ graphqlUrl: `http://127.0.0.1:${port}/graphql`, apiKey: 'da2-key' });
  await expect(client.result('id')).rejects.toMatchObject(expected);
  client.close();
  server.closeAllConnections();
  server.close();
});
