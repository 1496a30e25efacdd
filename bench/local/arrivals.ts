import type { LesionClient } from '../../client/lesionClient.ts';

/** Longer than any push takes; what has not come by then is lost. */
const LOST_AFTER_MS = 10_000;

export interface Arrivals {
  /** When the subscriber's callback had this version, on the clock of `performance.now()`. @throws Error if it is lost */
  of(version: number): Promise<number>;
  stop(): Promise<void>;
}

/** Listens to one request through the real client, by pushes alone. */
export function arrivalsOf(client: LesionClient, requestId: string): Arrivals {
  const arrived = new Map<number, PromiseWithResolvers<number>>();
  const stopping = new AbortController();
  const entry = (version: number) => {
    const known = arrived.get(version) ?? Promise.withResolvers<number>();
    arrived.set(version, known);
    return known;
  };

  async function listen(): Promise<void> {
    try {
      for await (const { request } of client.watch(requestId, { reads: false, signal: stopping.signal })) {
        entry(request.version).resolve(performance.now());
      }
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
  }
  const listening = listen();

  return {
    async of(version) {
      const lost = Promise.withResolvers<never>();
      const timer = setTimeout(() => lost.reject(new Error(`Version ${version} was not pushed`)), LOST_AFTER_MS);
      const at = await Promise.race([entry(version).promise, lost.promise]);
      clearTimeout(timer);
      arrived.delete(version);
      return at;
    },
    async stop() {
      stopping.abort();
      await listening;
    },
  };
}
