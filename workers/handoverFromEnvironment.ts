import type { PredictionCache } from '../adapters/predictionCache/predictionCache.ts';
import { createRedisPredictionCache } from '../adapters/predictionCache/redis.ts';
import { createS3PredictionCache } from '../adapters/predictionCache/s3.ts';

/** The hand-over that the deployment chose: Redis, or else S3. */
export function predictionCacheFrom(variables: NodeJS.ProcessEnv): PredictionCache {
  const { REDIS_HOST, REDIS_PORT, HANDOVER_BUCKET_NAME } = variables;
  if (REDIS_HOST && REDIS_PORT) return createRedisPredictionCache(REDIS_HOST, Number(REDIS_PORT));
  if (HANDOVER_BUCKET_NAME) return createS3PredictionCache(HANDOVER_BUCKET_NAME);
  throw new Error('Set REDIS_HOST and REDIS_PORT, or HANDOVER_BUCKET_NAME');
}
