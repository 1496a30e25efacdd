import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** A port on 127.0.0.1 that is open before there is anybody to answer: its address is known from then on. */
export interface Listener {
  /** `http(s)://127.0.0.1:PORT` */
  origin: string;
  port: number;
  /** From now on these answer. Before that, requests are told to come again (503). */
  serve(
    onRequest: (request: IncomingMessage, response: ServerResponse) => void,
    onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
  ): void;
  close(): Promise<void>;
}

/** @throws EADDRINUSE as Node has it */
export async function openListener(port: number, tls?: { key: string; cert: string }): Promise<Listener> {
  let answer = notYet;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => answer(request, response);
  const server: Server = tls ? createSecureServer(tls, onRequest) : createServer(onRequest);
  // Longer than clients keep an idle socket: it is they who close it, so no request meets a closing one.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const { port: opened } = server.address() as AddressInfo;
  return {
    origin: `http${tls ? 's' : ''}://127.0.0.1:${opened}`,
    port: opened,
    serve(onRequest, onUpgrade) {
      answer = onRequest;
      server.on('upgrade', onUpgrade);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** In AppSync's form: its clients take an answer without a type for the caller's own mistake. */
function notYet(_: IncomingMessage, response: ServerResponse): void {
  const errorType = 'ServiceUnavailableException';
  const type = { 'content-type': 'application/json', 'x-amzn-errortype': errorType };
  response.writeHead(503, { ...type, 'retry-after': '1', connection: 'close' });
  response.end(JSON.stringify({ errors: [{ errorType, message: 'The run is coming up.' }] }));
}
