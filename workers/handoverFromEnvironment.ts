import type { HandoverStore } from '../adapters/handover/handover.ts';
import { createRedisHandover } from '../adapters/handover/redis.ts';
import { createS3Handover } from '../adapters/handover/s3.ts';

/** The hand-over that the deployment chose: Redis, or else S3. */
export function handoverFrom(variables: NodeJS.ProcessEnv): HandoverStore {
  const { REDIS_HOST, REDIS_PORT, HANDOVER_BUCKET_NAME } = variables;
  if (REDIS_HOST && REDIS_PORT) return createRedisHandover(REDIS_HOST, Number(REDIS_PORT));
  if (HANDOVER_BUCKET_NAME) return createS3Handover(HANDOVER_BUCKET_NAME);
  throw new Error('Set REDIS_HOST and REDIS_PORT, or HANDOVER_BUCKET_NAME');
}
