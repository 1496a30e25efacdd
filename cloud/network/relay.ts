import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

export interface Relay {
  port: number;
  /** Ends every connection. */
  cut(): void;
  stop(): void;
}

/** A port that stays the same while the server behind it goes away and another comes. None (undefined): connections are reset. */
export async function startRelay(target: () => number | undefined): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const port = target();
    if (!port) return socket.resetAndDestroy();
    sockets.add(socket);
    pipeline(socket, connect({ port, host: '127.0.0.1', noDelay: true }), socket, () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut,
    stop() {
      server.close();
      cut();
    },
  };
}
