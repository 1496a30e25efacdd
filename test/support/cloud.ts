import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { createClient } from '../../client/createClient.ts';
import type { LesionClient } from '../../client/lesionClient.ts';
import { type Product, type ProductOptions, startProduct } from '../../local/product.ts';

/** Real dermoscopy photos; they are licensed CC BY-NC and so not part of this repository. */
export const imagesDir = join(import.meta.dirname, '../../../shared/images');
export const goldenFile = join(import.meta.dirname, '../../../shared/model-2/int8/golden.json');
export const hasRealPhotos = existsSync(imagesDir);

export const samplePhoto = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../samples/synthetic-lesion.jpg')),
);

/**
 * With TARGET=aws the tests of what users see run against a deployed stack: SKIN_LESION_API_URL, and a user's token each
 * in TOKEN_ALICE, TOKEN_BOB and so on. What breaks or inspects the cloud itself is skipped there.
 */
export const onAws = process.env.TARGET === 'aws';

/** One embedded cloud for a test file, and clients of its users; all gone after the last test. */
export function useCloud(options: Omit<ProductOptions, 'assemblyDir'> = {}) {
  let cloud: Product | undefined;
  const clients: LesionClient[] = [];

  beforeAll(async () => {
    if (!onAws) cloud = await startProduct({ ...options, assemblyDir: inject('assemblyDir') });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await cloud?.stop();
  });

  const running = (): Product => {
    if (!cloud) throw new Error(onAws ? 'Not to be had with TARGET=aws' : 'The cloud is not up');
    return cloud;
  };
  const keep = (client: LesionClient): LesionClient => {
    clients.push(client);
    return client;
  };
  return {
    get cloud() {
      return running();
    },
    clientOf(user: string): LesionClient {
      if (onAws)
        return keep(createClient({ graphqlUrl: setting('SKIN_LESION_API_URL'), token: tokenFromSettings(user) }));
      const { config, token } = running();
      return keep(createClient({ graphqlUrl: config.graphqlUrl, region: config.region, token: () => token(user) }));
    },
    /** Where the API is, here or on AWS. */
    get api() {
      if (!onAws) return running();
      const graphqlUrl = setting('SKIN_LESION_API_URL');
      const realtimeUrl = graphqlUrl.replace('https:', 'wss:').replace('appsync-api', 'appsync-realtime-api');
      return { config: { graphqlUrl, realtimeUrl: `${realtimeUrl}/realtime` } };
    },
    tokenOf: (user: string): Promise<string> => (onAws ? tokenFromSettings(user)() : running().token(user)),
    clientWithApiKey(): LesionClient {
      const { graphqlUrl, region, apiKey } = running().config;
      return keep(createClient({ graphqlUrl, region, apiKey: apiKey ?? '' }));
    },
  };
}

function tokenFromSettings(user: string): () => Promise<string> {
  return async () => setting(`TOKEN_${user.toUpperCase()}`);
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`TARGET=aws needs ${name} to be set`);
  return value;
}
