import { Redis } from 'ioredis';
import { log } from '../log.ts';
import type { PredictionCache } from './predictionCache.ts';
import { handoverKey, handoverSeconds, parseHandover } from './predictionCache.ts';

/**
 * The hand-over in ElastiCache Serverless, which always speaks TLS and hides its cluster behind one endpoint, so
 * single-key commands alone. Whatever goes wrong is a miss: the enrichment worker can do without.
 */
export function createRedisPredictionCache(host: string, port: number): PredictionCache {
  const redis = new Redis({
    host,
    port,
    tls: {},
    connectTimeout: 1000,
    commandTimeout: 500,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true,
    retryStrategy: (tries) => Math.min(tries * 200, 2000),
    lazyConnect: true,
  });
  // Without a listener ioredis writes its own line for each; commands report their failure themselves.
  redis.on('error', () => {});

  async function orMiss<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      log.warn('redis failed, going on without', { error });
      return undefined;
    }
  }

  return {
    async put(requestId, handover) {
      await orMiss(() => redis.set(handoverKey(requestId), JSON.stringify(handover), 'EX', handoverSeconds));
    },
    async get(requestId) {
      return parseHandover(await orMiss(() => redis.get(handoverKey(requestId))));
    },
  };
}
