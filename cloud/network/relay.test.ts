import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startRelay } from './relay.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function greeter(greeting: string): Promise<number> {
  const server: Server = createServer((socket) => socket.write(greeting)).listen(0, '127.0.0.1');
  cleanups.push(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

test('a relay keeps its port while servers behind it come and go', async () => {
  let target: number | undefined = await greeter('first');
  const relay = await startRelay(() => target);
  cleanups.push(relay.stop);
  const client = () => connect(relay.port, '127.0.0.1').on('error', () => {});

  const before = client();
  expect(String((await once(before, 'data'))[0])).toBe('first');

  target = undefined;
  relay.cut();
  await closed(before);
  await closed(client());

  target = await greeter('second');
  const after = client();
  expect(String((await once(after, 'data'))[0])).toBe('second');
});
