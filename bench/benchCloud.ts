import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../client/createClient.ts';
import type { LesionClient } from '../client/lesionClient.ts';
import { ADMIN_ACCESS_KEY, REGION, SECRET_ACCESS_KEY } from '../cloud/engine.ts';
import { type Product, startProduct } from '../local/product.ts';
import { root, temporaryDirectory } from './processes.ts';

export interface BenchCloud {
  cloud: Product;
  dataDir: string;
  clientOf(user: string): LesionClient;
  /** As the API sees the user. */
  ownerOf(user: string): Promise<string>;
}

/** JPEG, 600×450. */
export const photo = new Uint8Array(await readFile(join(root, 'samples/synthetic-lesion.jpg')));

/** Brings up the embedded cloud for `measure`, with the product's adapters in this process led to it. */
export async function withCloud<Result>(measure: (bench: BenchCloud) => Promise<Result>): Promise<Result> {
  const directory = temporaryDirectory('cloud');
  const cloud = await startProduct({ dataDir: directory.path });
  useEndpoint(cloud.gatewayUrl);
  const clients: LesionClient[] = [];
  const { graphqlUrl, region } = cloud.config;
  try {
    return await measure({
      cloud,
      dataDir: directory.path,
      clientOf(user) {
        const client = createClient({ graphqlUrl, region, token: () => cloud.token(user) });
        clients.push(client);
        return client;
      },
      async ownerOf(user) {
        const [, claims = ''] = (await cloud.token(user)).split('.');
        return `cognito#${JSON.parse(Buffer.from(claims, 'base64url').toString()).sub}`;
      },
    });
  } finally {
    for (const client of clients) client.close();
    await cloud.stop();
    directory.remove();
  }
}

export function useEndpoint(url: string): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: ADMIN_ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
  });
}

/** Until what came before has died down: the figures are those of an idle system. */
export const settle = () => sleep(100);
