import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import RedisParser from 'redis-parser';

export interface RunningRedis {
  host: '127.0.0.1';
  port: number;
  kind: 'redis-server' | 'in-process';
  stop(): Promise<void>;
}

/** By key in latin1, which holds any bytes. `expiresAt`: epoch milliseconds, or Infinity. */
type Entries = Map<string, { value: Buffer; expiresAt: number }>;
type Command = (entries: Entries, key: string, args: Buffer[]) => string | Buffer | number | undefined;

const OK = '+OK\r\n';
const INFO = Buffer.from('# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\nloading:0\r\n');
const NO_PASSWORD = 'AUTH <password> called without any password configured for the default user';

/** Words of each command (negative: or more), as Redis counts, and what it does. A string is sent as is, undefined as nil. */
const COMMANDS: Record<string, [number, Command]> = {
  ping: [-1, (_entries, _key, [message]) => message ?? '+PONG\r\n'],
  auth: [-2, () => fail(NO_PASSWORD)],
  select: [2, (_entries, index) => (index === '0' ? OK : fail('DB index is out of range'))],
  client: [-2, (_entries, name) => (/^set(info|name)$/i.test(name) ? OK : fail(`unknown subcommand '${name}'`))],
  info: [-1, () => INFO],
  set: [-3, set],
  get: [2, (entries, key) => entries.get(key)?.value],
  getdel: [2, (entries, key) => take(entries, key)?.value],
  del: [-2, (entries, _key, keys) => keys.filter((key) => take(entries, key.toString('latin1'))).length],
  exists: [-2, (entries, _key, keys) => keys.filter((key) => entries.has(key.toString('latin1'))).length],
  ttl: [2, (entries, key) => timeToLive(entries, key, 1000)],
  pttl: [2, (entries, key) => timeToLive(entries, key, 1)],
  expire: [3, expire],
  flushall: [1, (entries) => entries.clear() ?? OK],
  quit: [1, () => OK],
};

/** RESP2, over TLS where a key pair is given. https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export async function startInProcessRedis(keyPair?: { key: string; cert: string }): Promise<RunningRedis> {
  const entries: Entries = new Map();
  const sockets = new Set<Socket>();
  function serve(socket: Socket) {
    sockets.add(socket.setNoDelay(true));
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
    const refuse = (error: unknown) => socket.end(`-ERR ${error instanceof Error ? error.message : error}\r\n`);
    const returnReply = (request: unknown) => answer(socket, request, entries);
    const parser = new RedisParser({ returnReply, returnError: refuse, returnFatalError: refuse, returnBuffers: true });
    socket.on('data', (data) => parser.execute(data));
  }
  const server = keyPair ? tls.createServer(keyPair, serve) : net.createServer(serve);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  async function stop() {
    const closed = once(server.close(), 'close');
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  const port = typeof address === 'object' && address ? address.port : 0;
  return { host: '127.0.0.1', port, kind: 'in-process', stop };
}

function answer(socket: Socket, request: unknown, entries: Entries): void {
  const words = Array.isArray(request) ? request.filter((word) => Buffer.isBuffer(word)) : [];
  const [name, ...args] = words;
  const command = `${name}`.toLowerCase();
  for (const [key, { expiresAt }] of entries) if (expiresAt <= Date.now()) entries.delete(key);
  socket.write(reply(entries, command, args));
  if (command === 'quit') socket.end();
}

function reply(entries: Entries, name: string, args: Buffer[]): string | Buffer {
  try {
    const [arity, run] = COMMANDS[name] ?? fail(`unknown command '${name}'`);
    const words = args.length + 1;
    if (words < Math.abs(arity) || (arity > 0 && words > arity))
      fail(`wrong number of arguments for '${name}' command`);
    const result = run(entries, args[0]?.toString('latin1') ?? '', args);
    if (result === undefined) return '$-1\r\n';
    if (typeof result === 'number') return `:${result}\r\n`;
    if (typeof result === 'string') return result;
    return Buffer.concat([Buffer.from(`$${result.length}\r\n`), result, Buffer.from('\r\n')]);
  } catch (error) {
    return `-ERR ${error instanceof Error ? error.message : error}\r\n`;
  }
}

function set(entries: Entries, key: string, [, value = Buffer.alloc(0), ...options]: Buffer[]): string | undefined {
  const [, unit, time, condition] =
    /^(?:(EX|PX) (\S+) ?)?(NX|XX)?$/.exec(options.join(' ').toUpperCase()) ?? fail('syntax error');
  const milliseconds = unit ? integer(time) * (unit === 'EX' ? 1000 : 1) : Infinity;
  if (milliseconds <= 0) fail("invalid expire time in 'set' command");
  if (condition && entries.has(key) !== (condition === 'XX')) return undefined;
  entries.set(key, { value, expiresAt: Date.now() + milliseconds });
  return OK;
}

function expire(entries: Entries, key: string, [, seconds]: Buffer[]): number {
  const entry = entries.get(key);
  if (entry) entry.expiresAt = Date.now() + integer(`${seconds}`) * 1000;
  return entry ? 1 : 0;
}

function timeToLive(entries: Entries, key: string, unit: number): number {
  const { expiresAt = 0 } = entries.get(key) ?? {};
  if (expiresAt === 0) return -2;
  return expiresAt === Infinity ? -1 : Math.round((expiresAt - Date.now()) / unit);
}

function take(entries: Entries, key: string) {
  const entry = entries.get(key);
  entries.delete(key);
  return entry;
}

function integer(text = ''): number {
  return /^-?\d+$/.test(text) ? Number(text) : fail('value is not an integer or out of range');
}

function fail(message: string): never {
  throw new Error(message);
}
