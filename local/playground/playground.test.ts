import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { API_KEY, publishNote, startFixture } from '../../cloud/appsync/testing/fixture.ts';
import { playgroundRoute } from './playground.ts';

interface Observer {
  next(value: unknown): void;
  error(reason: unknown): void;
  complete(): void;
}

const { createFetcher } = await import(new URL('./playground.client.js', import.meta.url).href);

test('a browser at the GraphQL address gets GraphiQL, all of it from here, without eval', async () => {
  await using server = await startFixture({ routes: [playgroundRoute] });
  const page = await fetch(server.graphqlUrl, { headers: { accept: 'text/html' } });
  const html = await page.text();
  expect(html).toMatch(/Not a diagnosis/);
  const policy = page.headers.get('content-security-policy');
  expect(policy).toMatch(/default-src 'self'/);
  expect(policy).not.toMatch(/unsafe-eval|https:/);
  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(assets).toHaveLength(5);
  for (const path of assets) {
    const asset = await fetch(new URL(path, server.graphqlUrl));
    expect([path, asset.status]).toEqual([path, 200]);
    expect(asset.headers.get('content-type')).toMatch(/^text\/(javascript|css)/);
    expect(await asset.text()).not.toHaveLength(0);
  }
  expect((await fetch(new URL('/playground/other', server.graphqlUrl))).status).toBe(404);
});

test('its fetcher queries, and listens to subscriptions', async () => {
  await using server = await startFixture({ invoke: async () => ({ payload: { data: { id: '1', owner: 'x' } } }) });
  const fetcher = createFetcher(server.graphqlUrl, async () => API_KEY);
  const ask = (query: string) => fetcher({ query }, { documentAST: parse(query) });
  expect(await ask('{ getNote(id: 1) { id } }')).toEqual({ data: { getNote: { id: '1' } } });
  const observable = await ask('subscription { onAll { id } }');
  const received: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    const observer: Observer = {
      next: (value) => {
        received.push(value);
        if (received.length === 1) void publishNote(server, { id: '7', owner: 'x' });
        else resolve();
      },
      error: reject,
      complete: () => reject(new Error('closed')),
    };
    observable.subscribe(observer);
  });
  expect(received[1]).toEqual({ data: { onAll: { id: '7' } } });
});
