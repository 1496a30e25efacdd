import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { connect } from 'node:tls';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../network/certificate.ts';
import type { RunningRedis } from './inProcessRedis.ts';
import { startRedis } from './startRedis.ts';

const tls = await selfSignedCertificate();
afterAll(() => rm(dirname(tls.certFile), { recursive: true }));
const onPath = spawnSync('redis-server', ['--version']).status === 0;
const kinds = [
  { kind: 'in-process', preferReal: false, reason: '' },
  { kind: 'redis-server', preferReal: true, reason: onPath ? '' : '(skipped: redis-server is not on PATH)' },
];

function clientOf({ host, port }: RunningRedis): Redis {
  return new Redis({ host, port, tls: { ca: tls.cert, servername: 'localhost' }, maxRetriesPerRequest: 0 });
}

describe.each(kinds)('Redis, $kind $reason', ({ kind, preferReal, reason }) => {
  if (reason) return test.skip('serves', () => {});

  let server: RunningRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis({ tls, preferReal });
    redis = clientOf(server);
  });
  afterEach(() => redis.flushall());
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  test('says which kind it is', () => {
    expect(server).toMatchObject({ kind, host: '127.0.0.1', port: expect.any(Number) });
  });

  test('takes TLS clients alone', async () => {
    const plain = new Redis({ host: server.host, port: server.port, lazyConnect: true, retryStrategy: () => null });
    plain.on('error', () => {});
    await expect(plain.connect()).rejects.toThrow();
    plain.disconnect();
  });

  test('answers PING, SELECT 0 and INFO', async () => {
    expect(await redis.ping()).toBe('PONG');
    expect(await redis.ping('hello')).toBe('hello');
    expect(await redis.select(0)).toBe('OK');
    await expect(redis.select(1000)).rejects.toThrow('ERR DB index is out of range');
    expect(await redis.info('server')).toMatch(/redis_version:7/);
    expect(await redis.client('SETNAME', 'test')).toBe('OK');
  });

  test('refuses AUTH, as no password is set', async () => {
    await expect(redis.auth('secret')).rejects.toThrow(/^ERR AUTH <password> called without any password configured/);
  });

  test('serves two clients at once, and one after QUIT again', async () => {
    const other = clientOf(server);
    await redis.set('key', 'value');
    expect(await other.get('key')).toBe('value');
    expect(await other.quit()).toBe('OK');
    expect(await redis.get('key')).toBe('value');
  });

  test('what is not RESP ends the connection with an error', async () => {
    const socket = connect({ host: server.host, port: server.port, ca: tls.cert, servername: 'localhost' });
    socket.write('*1\r\nnonsense\r\n');
    const [data] = await once(socket, 'data');
    expect(String(data)).toMatch(/^-ERR Protocol error/);
    await once(socket, 'close');
  });

  test('stop frees the port and breaks the connections', async () => {
    const second = await startRedis({ tls, preferReal });
    const client = clientOf(second);
    await client.ping();
    client.options.retryStrategy = () => null;
    const ended = once(client, 'end');
    await second.stop();
    await ended;
  });
});

test.skipIf(!onPath)('a run that is killed takes its redis-server along (skipped if none is on PATH)', async () => {
  const script = `import { startRedis } from '${import.meta.dirname}/startRedis.ts'; console.log((await startRedis({ tls: undefined })).port)`;
  const run = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(run.stdout, 'data');
  const redis = new Redis({ host: '127.0.0.1', port: Number(port), retryStrategy: () => null });
  expect(await redis.ping()).toBe('PONG');
  const ended = once(redis, 'end');
  run.kill('SIGKILL');
  await ended;
});

test('ioredis falls back to RESP2 where HELLO is an unknown command', async () => {
  const server = await startRedis({ tls, preferReal: false });
  const redis = clientOf(server);
  await expect(redis.call('hello', '3')).rejects.toThrow(/^ERR unknown command 'hello'$/);
  redis.disconnect();
  await server.stop();
});

test('without TLS it speaks in the clear', async () => {
  const server = await startRedis({ tls: undefined });
  const redis = new Redis({ host: server.host, port: server.port });
  expect(await redis.ping()).toBe('PONG');
  redis.disconnect();
  await server.stop();
});

test('where redis-server does not start, the one in process stands in', async () => {
  const server = await startRedis({ tls: { key: 'no key', cert: 'no certificate' } }).catch((error: Error) => error);
  expect(server).toBeInstanceOf(Error);
  const { PATH } = process.env;
  process.env.PATH = execFileSync('dirname', [process.execPath]).toString().trim();
  const standIn = await startRedis({ tls });
  process.env.PATH = PATH;
  expect(standIn.kind).toBe('in-process');
  await standIn.stop();
});
