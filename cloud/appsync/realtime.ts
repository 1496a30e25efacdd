import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { authorize, type Credentials } from './authorization.ts';
import { RequestError, toRequestError } from './errors.ts';
import { type Api, type Publication, runOperation, type Subscription } from './executor.ts';
import { isRecord } from './selection.ts';

const MOST_SUBSCRIPTIONS = 100;
const MOST_PAYLOAD_BYTES = 240 * 1024;

interface Connection {
  socket: WebSocket;
  request: IncomingMessage;
  /** Why the handshake is refused, if it is. */
  refusal: Promise<RequestError | undefined>;
  /** Subscriptions by id; each is empty until its resolver has answered. */
  subscriptions: Map<string, Partial<Subscription>>;
}

/** https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html. No replay: who is away misses. */
export function startRealtime(currentApi: () => Api) {
  const connections = new Set<Connection>();
  const handleProtocols = (offered: Set<string>) => offered.has('graphql-ws') && 'graphql-ws';
  const server = new WebSocketServer({ noServer: true, handleProtocols });
  const keepAlive = () => connections.forEach(({ socket }) => void send(socket, { type: 'ka' }));
  const timer = setInterval(keepAlive, currentApi().options.keepAliveMs ?? 60_000);

  function connect(socket: WebSocket, request: IncomingMessage): void {
    const refusal = handshake(currentApi(), request).then(() => undefined, toRequestError);
    const connection: Connection = { socket, request, refusal, subscriptions: new Map() };
    connections.add(connection);
    socket.on('close', () => connections.delete(connection));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => void onFrame(currentApi(), connection, parseObject(String(data))));
  }

  return {
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      server.handleUpgrade(request, socket, head, connect),
    publish: (publications: Publication[]) => {
      for (const one of publications) for (const connection of connections) deliver(currentApi(), connection, one);
    },
    connections: () => connections.size,
    stop: () => {
      clearInterval(timer);
      for (const { socket } of connections) socket.terminate();
    },
  };
}

const send = (socket: WebSocket, frame: object) => socket.send(JSON.stringify(frame));

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** Three ways to send credentials: a `header-` subprotocol, the query parameter `header`, plain HTTP headers. */
async function handshake(api: Api, request: IncomingMessage): Promise<void> {
  const protocols = request.headers['sec-websocket-protocol']?.split(/, */) ?? [];
  if (!protocols.includes('graphql-ws')) throw new RequestError(400, 'NoProtocolError', 'graphql-ws was not offered.');
  const parameter = new URL(request.url ?? '', 'http://localhost').searchParams.get('header');
  const encoded = protocols.find((name) => name.startsWith('header-'))?.slice('header-'.length) ?? parameter;
  const sent = encoded ? parseObject(Buffer.from(encoded, 'base64').toString()) : request.headers;
  await authorize(api.options, credentialsOf(request, sent, '/graphql/connect', '{}'));
}

function credentialsOf(request: IncomingMessage, sent: unknown, path: string, body: string): Credentials {
  const entries = Object.entries(isRecord(sent) ? sent : {});
  const headers = Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
  if (headers.host === request.headers.host)
    return { headers, path, body, sourceIp: request.socket.remoteAddress ?? '' };
  throw new RequestError(400, 'BadRequestException', `The authorization's host ${headers.host} is not this API's.`);
}

async function onFrame(
  api: Api,
  connection: Connection,
  { type, id, payload }: Record<string, unknown>,
): Promise<void> {
  const { socket, subscriptions } = connection;
  const refusal = await connection.refusal;
  if (refusal) {
    const { errorType, status: errorCode, message } = refusal;
    send(socket, { type: 'connection_error', payload: { errors: [{ errorType, errorCode, message }] } });
    return socket.close();
  }
  if (type === 'connection_init') {
    send(socket, { type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
    return send(socket, { type: 'ka' });
  }
  if (type === 'stop' && typeof id === 'string') {
    subscriptions.delete(id);
    return send(socket, { id, type: 'complete' });
  }
  try {
    const message = 'unknown not supported through the realtime channel';
    if (type !== 'start' || typeof id !== 'string') throw new RequestError(400, 'UnsupportedOperation', message);
    const frame = await start(api, connection, id, isRecord(payload) ? payload : {});
    if (frame) send(socket, { id, ...frame });
  } catch (error) {
    const { errorType, message } = toRequestError(error);
    send(socket, { id, type: 'error', payload: { errors: [{ errorType, message }] } });
  }
}

/** The answer to a start frame; none where the client has stopped the subscription meanwhile. */
async function start(api: Api, connection: Connection, id: string, { data, extensions }: Record<string, unknown>) {
  const { subscriptions, request } = connection;
  if (subscriptions.has(id)) throw new RequestError(400, 'DuplicatedOperationError', `The id ${id} is in use.`);
  if (subscriptions.size >= MOST_SUBSCRIPTIONS) {
    throw new RequestError(400, 'MaxSubscriptionsReachedError', `More than ${MOST_SUBSCRIPTIONS} on one connection.`);
  }
  const subscription: Partial<Subscription> = {};
  subscriptions.set(id, subscription);
  const isWanted = () => subscriptions.get(id) === subscription;
  try {
    const sent = isRecord(extensions) ? extensions.authorization : {};
    const credentials = credentialsOf(request, sent, '/graphql', String(data));
    const caller = await authorize(api.options, credentials);
    const { response, subscription: started } = await runOperation(api, 'realtime', credentials, caller);
    Object.assign(subscription, started);
    if (!isWanted()) return undefined;
    return started ? { type: 'start_ack' } : { type: 'error', payload: { errors: response.errors } };
  } finally {
    if (isWanted() && !subscription.payload) subscriptions.delete(id);
  }
}

function deliver(api: Api, { socket, subscriptions }: Connection, { mutation, event }: Publication): void {
  for (const [id, { fieldName = '', wants, payload }] of subscriptions) {
    if (!api.subscriptions.get(fieldName)?.includes(mutation) || !wants?.(event)) continue;
    const frame = JSON.stringify({ id, type: 'data', payload: payload?.(event) });
    if (Buffer.byteLength(frame) <= MOST_PAYLOAD_BYTES) socket.send(frame);
    else api.options.log?.({ level: 'error', message: `${fieldName}: payload over 240 KB, not sent` });
  }
}
