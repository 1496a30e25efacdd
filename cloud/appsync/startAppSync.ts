import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Fault } from '../engine.ts';
import { openListener } from '../network/listener.ts';
import { isSafeHost } from '../network/loopback.ts';
import { authorize } from './authorization.ts';
import { RequestError, toRequestError } from './errors.ts';
import { type Api, buildApi, runOperation } from './executor.ts';
import type { AppSyncOptions } from './options.ts';
import { startRealtime } from './realtime.ts';

export type { AppSyncOptions } from './options.ts';

export interface AppSync {
  port: number;
  /** `http(s)://127.0.0.1:PORT/graphql` */
  graphqlUrl: string;
  realtimeUrl: string;
  /** Open realtime connections. */
  connections(): number;
  /** Takes on new code; open subscriptions go on. Throws, and changes nothing, where AppSync would refuse it. */
  reload(changes: Partial<Pick<AppSyncOptions, 'schema' | 'resolvers'>>): void;
  /** What operations over HTTP meet; undefined as answer: nothing. */
  setFault(fault: Fault | undefined): void;
  stop(): Promise<void>;
}

/** AppSync over HTTP and WebSocket. @throws what AppSync would refuse to deploy; EADDRINUSE as Node has it. */
export async function startAppSync(options: AppSyncOptions): Promise<AppSync> {
  let api = buildApi(options);
  let fault: Fault | undefined;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    answer(api, realtime, fault, request, response).catch((error) => refuse(api, response, error));
  };
  const listener = options.listener ?? (await openListener(options.port ?? 0, options.tls));
  const realtime = startRealtime(() => api);
  listener.serve(onRequest, (request, socket, head) => {
    if (pathOf(request) === '/graphql/realtime' && isSafeHost(request.headers.host))
      realtime.upgrade(request, socket, head);
    else socket.destroy();
  });
  const graphqlUrl = `${listener.origin}/graphql`;
  return {
    port: listener.port,
    graphqlUrl,
    realtimeUrl: `${graphqlUrl.replace('http', 'ws')}/realtime`,
    connections: realtime.connections,
    reload: (changes) => {
      api = buildApi({ ...api.options, ...changes });
    },
    setFault: (next) => {
      fault = next;
    },
    async stop() {
      realtime.stop();
      await listener.close();
    },
  };
}

const pathOf = (request: IncomingMessage) => request.url?.split('?')[0] ?? '/';
type Realtime = ReturnType<typeof startRealtime>;

async function answer(
  api: Api,
  realtime: Realtime,
  fault: Fault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, headers, socket } = request;
  const path = pathOf(request);
  if (!isSafeHost(headers.host)) {
    throw new RequestError(
      403,
      'ForbiddenException',
      `This run is at 127.0.0.1 and localhost, not at ${headers.host}.`,
    );
  }
  for (const route of api.options.routes ?? []) if (await route(request, response)) return;
  if (path !== '/graphql') throw new RequestError(404, 'NotFoundException', `There is nothing at ${path}.`);
  response.setHeader('access-control-allow-origin', '*').setHeader('access-control-expose-headers', '*');
  response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '*');
  if (method === 'OPTIONS') return void response.end();
  if (method !== 'POST') throw new RequestError(400, 'MalformedHttpRequestException', 'GraphQL is sent by POST.');
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]));
  const credentials = { headers: plain, path, body: await text(request), sourceIp: socket.remoteAddress ?? '' };
  if (fault) {
    const url = new URL(path, `http://${headers.host}`);
    const body = Buffer.from(credentials.body);
    const met = await fault({ service: 'appsync', accessKeyId: undefined, method, url, headers: plain, body });
    if (met === 'hangup') return void response.destroy();
    if (met) return void response.writeHead(met.status, met.headers).end(met.body);
  }
  const caller = await authorize(api.options, credentials);
  const outcome = await runOperation(api, 'http', credentials, caller);
  realtime.publish(outcome.publications);
  send(response, 200, outcome.response);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' }).end(JSON.stringify(body));
}

function refuse(api: Api, response: ServerResponse, error: unknown): void {
  const { status, errorType, message } = toRequestError(error);
  if (status >= 500) api.options.log?.({ level: 'error', message });
  if (response.headersSent) return void response.destroy();
  response.setHeader('x-amzn-errortype', errorType);
  send(response, status, { errors: [{ errorType, message }] });
}
