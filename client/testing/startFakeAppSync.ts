import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

type Variables = Record<string, unknown>;

/** One subscription on one socket. */
interface Subscribed {
  id: string;
  token: string;
  socket: WebSocket;
}

/** What AppSync says to a client, with everything that can go wrong under a test's control. */
export interface FakeAppSync {
  graphqlUrl: string;
  /** What an operation answers, by its name; a thrown object is the GraphQL error. */
  on(operation: string, answer: (variables: Variables, token: string) => unknown): void;
  /** Tokens of the sockets that were opened, in order. */
  connections: string[];
  subscriptions: Subscribed[];
  calls: string[];
  /** The multipart bodies that were uploaded. */
  uploads: string[];
  push(request: unknown): void;
  /** Acknowledge no subscription until told otherwise. */
  holdAcks(held: boolean): void;
  /** Refuse subscriptions of this token. */
  refuse(token: string): void;
  cutSockets(): void;
  /** Resolves once this holds; looked at after each thing that happens. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startFakeAppSync(): Promise<FakeAppSync> {
  const answers = new Map<string, (variables: Variables, token: string) => unknown>();
  const refused = new Set<string>();
  const held: (() => void)[] = [];
  let holding = false;
  const conditions = new Set<() => void>();
  const happened = () => {
    for (const check of conditions) check();
  };

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (request.url === '/upload') answerUpload(body, response);
    else answerGraphql(JSON.parse(body), request.headers.authorization ?? '', response);
    happened();
  });
  const sockets = new WebSocketServer({ server, path: '/graphql/realtime', handleProtocols: () => 'graphql-ws' });
  sockets.on('connection', (socket, request) => {
    fake.connections.push(tokenOf(request.headers['sec-websocket-protocol'] ?? ''));
    socket.on('message', (data) => onFrame(socket, JSON.parse(String(data))));
    socket.on('close', () => {
      fake.subscriptions = fake.subscriptions.filter((one) => one.socket !== socket);
      happened();
    });
    happened();
  });

  const answerUpload = (body: string, response: ServerResponse) => {
    fake.uploads.push(body);
    response.writeHead(204).end();
  };

  const answerGraphql = (call: { query: string; variables: Variables }, token: string, response: ServerResponse) => {
    const operation = /(?:query|mutation) (\w+)/.exec(call.query)?.[1] ?? '';
    fake.calls.push(operation);
    response.setHeader('content-type', 'application/json');
    if (refused.has(token)) {
      const errors = [{ errorType: 'UnauthorizedException', message: 'You are not authorized to make this call.' }];
      response.writeHead(401, { 'x-amzn-errortype': 'UnauthorizedException' }).end(JSON.stringify({ errors }));
      return;
    }
    response.end(JSON.stringify(resultOf(operation, call.variables, token)));
  };

  const resultOf = (operation: string, variables: Variables, token: string) => {
    const field = operation.charAt(0).toLowerCase() + operation.slice(1);
    try {
      const answer = answers.get(operation);
      if (!answer) throw { errorType: 'ValidationError', message: `no answer for ${operation}` };
      return { data: { [field]: answer(variables, token) } };
    } catch (error) {
      return { data: null, errors: [error] };
    }
  };

  const onFrame = (socket: WebSocket, frame: { type: string; id: string; payload?: unknown }) => {
    const send = (answer: object) => socket.send(JSON.stringify(answer));
    if (frame.type === 'connection_init') send({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
    if (frame.type === 'start') onStart(socket, frame.id, startToken(frame.payload));
    if (frame.type === 'stop') fake.subscriptions = fake.subscriptions.filter(({ id }) => id !== frame.id);
    happened();
  };

  const onStart = (socket: WebSocket, id: string, token: string) => {
    const send = (answer: object) => socket.send(JSON.stringify(answer));
    if (refused.has(token)) {
      const errors = [{ errorType: 'Unauthorized', message: 'Not Authorized to access onRequestUpdated' }];
      return send({ type: 'error', id, payload: { errors } });
    }
    const acknowledge = () => {
      fake.subscriptions.push({ id, token, socket });
      send({ type: 'start_ack', id });
      happened();
    };
    if (holding) held.push(acknowledge);
    else acknowledge();
  };

  const fake: FakeAppSync = {
    graphqlUrl: '',
    on: (operation, answer) => answers.set(operation, answer),
    connections: [],
    subscriptions: [],
    calls: [],
    uploads: [],
    push(request) {
      for (const { id, socket } of fake.subscriptions) {
        socket.send(JSON.stringify({ type: 'data', id, payload: { data: { onRequestUpdated: request } } }));
      }
    },
    holdAcks(hold) {
      holding = hold;
      if (!hold) for (const acknowledge of held.splice(0)) acknowledge();
    },
    refuse: (token) => refused.add(token),
    cutSockets() {
      for (const socket of sockets.clients) socket.terminate();
    },
    until(condition) {
      return new Promise((resolve) => {
        const check = () => {
          if (!condition()) return;
          conditions.delete(check);
          resolve();
        };
        conditions.add(check);
        check();
      });
    },
    async stop() {
      fake.cutSockets();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  fake.graphqlUrl = `http://127.0.0.1:${port}/graphql`;
  answers.set('CreateUpload', () => ({
    imageKey: 'uploads/alice/1',
    url: `http://127.0.0.1:${port}/upload`,
    fields: [
      { name: 'policy', value: 'p' },
      { name: 'key', value: 'k' },
    ],
    expiresAt: '2026-01-01T00:05:00.000Z',
  }));
  return fake;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

function tokenOf(protocols: string): string {
  const header = /header-([\w-]+)/.exec(protocols)?.[1] ?? '';
  return authorizationOf(JSON.parse(Buffer.from(header, 'base64url').toString()));
}

function startToken(payload: unknown): string {
  const { extensions } = payload as { extensions: { authorization: Record<string, string> } };
  return authorizationOf(extensions.authorization);
}

function authorizationOf(header: Record<string, string>): string {
  return header.Authorization ?? header['x-api-key'] ?? '';
}
