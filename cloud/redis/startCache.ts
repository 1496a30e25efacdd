import { startRelay } from '../network/relay.ts';
import { startRedis } from './startRedis.ts';

/** Redis as functions see it: one address, whatever happens behind it. */
export interface Cache {
  /** Comes up empty, as after a stop. */
  start(): Promise<{ host: string; port: number }>;
  stop(): Promise<void>;
  /** Which Redis it is, for people to read; `none` while it is down. */
  kind(): string;
  /** The end of it all: the address too. */
  close(): Promise<void>;
}

export async function startCache(tls: { key: string; cert: string }): Promise<Cache> {
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
  const relay = await startRelay(() => redis?.port);
  async function stop(): Promise<void> {
    const stopping = redis;
    redis = undefined;
    relay.cut();
    await stopping?.stop();
  }
  return {
    async start() {
      redis ??= await startRedis({ tls });
      return { host: '127.0.0.1', port: relay.port };
    },
    stop,
    kind: () => redis?.kind ?? 'none',
    async close() {
      await stop();
      relay.stop();
    },
  };
}
