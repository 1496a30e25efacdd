import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { createClient } from '../../client/createClient.ts';
import type { LesionClient } from '../../client/lesionClient.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud.ts';

/** Real dermoscopy photos; they are licensed CC BY-NC and so not part of this repository. */
export const imagesDir = join(import.meta.dirname, '../../../shared/images');
export const goldenFile = join(import.meta.dirname, '../../../shared/model/golden.json');
export const hasRealPhotos = existsSync(imagesDir);

export const samplePhoto = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../samples/synthetic-lesion.jpg')),
);

/** @returns real photos where there are some, else the synthetic sample as often as asked */
export function photos(count: number): Uint8Array[] {
  const names = hasRealPhotos ? readdirSync(imagesDir).filter((name) => name.endsWith('.jpg')) : [];
  return Array.from({ length: count }, (_, index) => {
    const name = names[index % Math.max(names.length, 1)];
    return name ? new Uint8Array(readFileSync(join(imagesDir, name))) : samplePhoto;
  });
}

/** One embedded cloud for a test file, and clients of its users; all gone after the last test. */
export function useCloud(options: Omit<CloudOptions, 'assemblyDir'> = {}) {
  let cloud: Cloud | undefined;
  const clients: LesionClient[] = [];

  beforeAll(async () => {
    cloud = await startCloud({ ...options, assemblyDir: inject('assemblyDir') });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await cloud?.stop();
  });

  const running = (): Cloud => {
    if (!cloud) throw new Error('The cloud is not up');
    return cloud;
  };
  return {
    get cloud() {
      return running();
    },
    clientOf(user: string): LesionClient {
      const { config, token } = running();
      const client = createClient({ graphqlUrl: config.graphqlUrl, region: config.region, token: () => token(user) });
      clients.push(client);
      return client;
    },
    clientWithApiKey(): LesionClient {
      const { graphqlUrl, region, apiKey } = running().config;
      const client = createClient({ graphqlUrl, region, apiKey: apiKey ?? '' });
      clients.push(client);
      return client;
    },
  };
}
