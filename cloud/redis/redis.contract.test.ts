/**
 * What Redis documents of the commands that are emulated, through ioredis and over TLS: https://redis.io/docs/latest/commands/
 * With TARGET=aws it runs on ElastiCache Serverless, at REDIS_HOST and REDIS_PORT; that is to be had inside its VPC alone.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../network/certificate.ts';
import { startRedis } from './startRedis.ts';

interface Target {
  options: RedisOptions;
  stop(): Promise<void>;
}

async function startLocalTarget(preferReal: boolean): Promise<Target> {
  const certificate = await selfSignedCertificate();
  const { host, port, stop } = await startRedis({ tls: certificate, preferReal });
  return {
    options: { host, port, tls: { ca: certificate.cert, servername: 'localhost' } },
    async stop() {
      await stop();
      await rm(dirname(certificate.certFile), { recursive: true });
    },
  };
}

const onPath = spawnSync('redis-server', ['--version']).status === 0;
const { REDIS_HOST: host = '', REDIS_PORT: port = '6379' } = process.env;
const elastiCache = async (): Promise<Target> => ({
  options: { host, port: Number(port), tls: {} },
  stop: async () => {},
});
const targets =
  process.env.TARGET === 'aws'
    ? [{ kind: 'ElastiCache', skip: host ? '' : '(skipped: REDIS_HOST is not set)', start: elastiCache }]
    : [
        { kind: 'in process', skip: '', start: () => startLocalTarget(false) },
        {
          kind: 'redis-server',
          skip: onPath ? '' : '(skipped: redis-server is not on PATH)',
          start: () => startLocalTarget(true),
        },
      ];

describe.each(targets)('Redis, $kind $skip', ({ skip, start }) => {
  if (skip) return test.skip('the contract', () => {});

  let target: Target;
  let redis: Redis;
  beforeAll(async () => {
    target = await start();
  });
  afterAll(() => target.stop());
  // Keys of its own for each test: a cache that others use cannot be flushed.
  beforeEach(() => {
    redis = new Redis({ ...target.options, maxRetriesPerRequest: 0, keyPrefix: `contract-${randomUUID()}:` });
  });
  afterEach(() => redis.disconnect());

  test('keeps any bytes under any bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect(await redis.set(bytes, bytes)).toBe('OK');
    expect(await redis.getBuffer(bytes)).toEqual(bytes);
    expect(await redis.exists(bytes, 'other')).toBe(1);
    expect(await redis.get('other')).toBeNull();
  });

  test('keeps an empty value and a long one', async () => {
    const long = Buffer.alloc(1_000_000, 'ü\r\n');
    await redis.set('empty', '');
    await redis.set('long', long);
    expect(await redis.get('empty')).toBe('');
    expect((await redis.getBuffer('long'))?.equals(long)).toBe(true);
  });

  test('GETDEL takes a value out', async () => {
    await redis.set('key', 'value', 'EX', 900);
    expect(await redis.getdel('key')).toBe('value');
    expect(await redis.getdel('key')).toBeNull();
  });

  test('DEL counts what was there', async () => {
    await redis.set('a', '1');
    await redis.set('b', '2');
    expect(await redis.del('a', 'b', 'c')).toBe(2);
    expect(await redis.exists('a')).toBe(0);
  });

  test('NX writes only what is not there, XX only what is', async () => {
    expect(await redis.set('key', '1', 'XX')).toBeNull();
    expect(await redis.set('key', '2', 'PX', 60_000, 'NX')).toBe('OK');
    expect(await redis.set('key', '3', 'NX')).toBeNull();
    expect(await redis.set('key', '4', 'EX', 60, 'XX')).toBe('OK');
    expect(await redis.get('key')).toBe('4');
  });

  test('TTL tells the seconds left, -1 without expiry, -2 without a key', async () => {
    await redis.set('key', 'value', 'EX', 900);
    expect(await redis.ttl('key')).toBe(900);
    expect(await redis.pttl('key')).toBeGreaterThan(890_000);
    await redis.set('key', 'value');
    expect(await redis.ttl('key')).toBe(-1);
    expect(await redis.expire('key', 60)).toBe(1);
    expect(await redis.ttl('key')).toBe(60);
    expect(await redis.ttl('nothing')).toBe(-2);
    expect(await redis.expire('nothing', 60)).toBe(0);
  });

  test('a value is gone once its time is over', async () => {
    await redis.set('key', 'value', 'PX', 20);
    await expect.poll(() => redis.get('key'), { interval: 5 }).toBeNull();
    expect(await redis.exists('key')).toBe(0);
    await redis.set('key', 'value');
    expect(await redis.expire('key', -1)).toBe(1);
    expect(await redis.get('key')).toBeNull();
  });

  test.each([
    [['SET', 'key', 'value', 'EX', '0'], "ERR invalid expire time in 'set' command"],
    [['SET', 'key', 'value', 'EX', 'soon'], 'ERR value is not an integer or out of range'],
    [['SET', 'key', 'value', 'EX'], 'ERR syntax error'],
    [['SET', 'key', 'value', 'NX', 'XX'], 'ERR syntax error'],
    [['GET'], "ERR wrong number of arguments for 'get' command"],
    [['GET', 'a', 'b'], "ERR wrong number of arguments for 'get' command"],
    [['FROBNICATE', 'key'], "ERR unknown command '"],
  ])('refuses %s', async ([name = '', ...args], message) => {
    const bare = redis.duplicate({ keyPrefix: '' });
    await expect(bare.call(name, ...args)).rejects.toThrow(message);
    bare.disconnect();
  });

  test('answers a pipeline in order', async () => {
    const answers = await redis.pipeline().set('a', '1').get('a').call('FROBNICATE').del('a').exec();
    expect(answers?.map(([error, value]) => error?.name ?? value)).toEqual(['OK', '1', 'ReplyError', 1]);
  });
});
