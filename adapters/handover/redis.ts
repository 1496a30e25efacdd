import type { Redis } from 'ioredis';
import { log } from '../log.ts';
import type { HandoverStore } from './handover.ts';
import { handoverKey, handoverSeconds, parseHandover } from './handover.ts';

/**
 * The hand-over in ElastiCache Serverless, which always speaks TLS and hides its cluster behind one endpoint, so
 * single-key commands alone. Whatever goes wrong is a miss: the enrichment worker can do without.
 */
export function createRedisHandover(host: string, port: number): HandoverStore {
  let client: Promise<Redis> | undefined;

  /** Connects with the first request that wants a description: loading ioredis takes 25 ms, and no other should wait. */
  async function connect(): Promise<Redis> {
    const { Redis } = await import('ioredis');
    const redis = new Redis({
      host,
      port,
      tls: {},
      connectTimeout: 1000,
      commandTimeout: 500,
      maxRetriesPerRequest: 1,
      retryStrategy: (tries) => Math.min(tries * 200, 2000),
    });
    // Without a listener ioredis writes its own line for each; commands report their failure themselves.
    redis.on('error', () => {});
    return redis;
  }

  async function orMiss<T>(command: (redis: Redis) => Promise<T>): Promise<T | undefined> {
    client ??= connect();
    try {
      return await command(await client);
    } catch (error) {
      log.warn('redis failed, going on without', { error });
      return undefined;
    }
  }

  return {
    async put(requestId, handover) {
      await orMiss((redis) => redis.set(handoverKey(requestId), JSON.stringify(handover), 'EX', handoverSeconds));
    },
    async get(requestId) {
      return parseHandover(await orMiss((redis) => redis.get(handoverKey(requestId))), requestId);
    },
    async remove(requestId) {
      await orMiss((redis) => redis.del(handoverKey(requestId)));
    },
  };
}
