import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsCall, AwsEngine } from '../../cloud/engine.ts';

/** One engine on a port of its own, without the gateway's authorization: for tests of the engine alone. */
export async function serveEngine(engine: AwsEngine): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers: AwsCall['headers'] = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
    const accessKeyId = /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1];
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const call = { service: engine.service, accessKeyId, method: request.method ?? 'GET', url, headers };
    const answer = await engine.handle({ ...call, body: Buffer.concat(chunks) });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
