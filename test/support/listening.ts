import { once } from 'node:events';
import { WebSocket } from 'ws';
import * as z from 'zod';
import type { Api, Caller } from './callers.ts';

const frame = z.looseObject({ type: z.string(), id: z.string().optional(), payload: z.unknown().optional() });
export type Frame = z.infer<typeof frame>;

/** One realtime connection, spoken by hand, so that nothing is kept from the test. */
export interface Listener {
  /** Of this connection, all that came, keep-alives aside. */
  frames: Frame[];
  /** The answer to a start frame: start_ack, or error. */
  subscribe(id: string, query: string, variables?: object): Promise<Frame>;
  /** The first frame that is so, come already or still to come. */
  frame(isIt: (frame: Frame) => boolean): Promise<Frame>;
  close(): void;
}

/**
 * Opens a realtime connection.
 * @param greeter authorizes the connection itself; the caller of the subscriptions unless given
 * @throws Error quoting the connection_error where the server refuses it
 */
export async function listen(cloud: Api, caller: Caller, greeter: Caller = caller): Promise<Listener> {
  const { realtimeUrl, graphqlUrl } = cloud.config;
  const { host } = new URL(graphqlUrl);
  const header = Buffer.from(JSON.stringify({ host, ...(await greeter('{}', '/graphql/connect')) }));
  const socket = new WebSocket(realtimeUrl, ['graphql-ws', `header-${header.toString('base64url')}`]);
  const frames: Frame[] = [];
  let came = Promise.withResolvers<void>();
  const wake = () => {
    came.resolve();
    came = Promise.withResolvers();
  };
  socket.on('message', (data) => {
    const received = frame.parse(JSON.parse(String(data)));
    if (received.type === 'ka') return;
    frames.push(received);
    wake();
  });
  socket.on('close', wake);
  await once(socket, 'open');

  async function first(isIt: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = frames.find(isIt);
      if (found) return found;
      if (socket.readyState === WebSocket.CLOSED) throw new Error('The connection was closed');
      await came.promise;
    }
  }

  socket.send(JSON.stringify({ type: 'connection_init' }));
  const hello = await first(({ type }) => type === 'connection_ack' || type === 'connection_error');
  if (hello.type === 'connection_error') {
    socket.close();
    throw new Error(JSON.stringify(hello.payload));
  }

  return {
    frames,
    frame: first,
    async subscribe(id, query, variables = {}) {
      const data = JSON.stringify({ query, variables });
      const authorization = { host, ...(await caller(data)) };
      socket.send(JSON.stringify({ id, type: 'start', payload: { data, extensions: { authorization } } }));
      return await first((frame) => frame.id === id);
    },
    close: () => socket.terminate(),
  };
}
