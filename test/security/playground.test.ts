import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { useCloud } from '../support/cloud.ts';

const run = useCloud();

const urlOf = (path: string) => new URL(path, run.cloud.config.graphqlUrl);

/** With a Host of one's own, which fetch would not send. */
function get(path: string, headers: Record<string, string>): Promise<{ status: number; headers: object }> {
  return new Promise((resolve, reject) => {
    const sent = request(urlOf(path), { headers }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
    });
    sent.on('error', reject).end();
  });
}

describe('the playground', () => {
  const page = () => fetch(urlOf('/graphql'), { headers: { accept: 'text/html' } });

  async function directives(): Promise<Map<string, string>> {
    const policy = (await page()).headers.get('content-security-policy') ?? '';
    const parts = policy.split(';').map((part) => part.trim().split(/\s+(.*)/s));
    return new Map(parts.map(([name = '', value = '']) => [name, value]));
  }

  test('runs its own scripts and no others, and evaluates none', async () => {
    const policy = await directives();
    expect(policy.get('default-src')).toBe("'self'");
    expect(policy.get('script-src') ?? "'self'").toBe("'self'");
    expect([...policy.values()].join(' ')).not.toMatch(/unsafe-eval|\*|https?:/);
    expect(await (await page()).text()).not.toMatch(/<script(?![^>]*\ssrc="\/)/);
  });

  test('connects to its own host alone', async () => {
    const { host } = urlOf('/');
    expect((await directives()).get('connect-src')?.split(' ').sort()).toEqual(
      ["'self'", `ws://${host}`, `wss://${host}`].sort(),
    );
  });

  test('cannot be framed, nor given another base, nor made to send a form', async () => {
    const policy = await directives();
    for (const name of ['frame-ancestors', 'base-uri', 'form-action'])
      expect([name, policy.get(name)]).toEqual([name, "'none'"]);
  });

  test.each(['/graphql', '/playground/client.js', '/playground/graphiql.css'])(
    '%s is what its type says',
    async (path) => {
      const answer = await fetch(urlOf(path), { headers: { accept: 'text/html' } });
      expect([answer.status, answer.headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
      await answer.body?.cancel();
    },
  );

  test.each(['/playground/../cloud.ts', '/playground/%2e%2e/cloud.ts', '/playground/playground.html', '/.local/data'])(
    'gives no other file away: %s',
    async (path) => {
      expect(await get(path, {})).toMatchObject({ status: 404 });
    },
  );
});

describe('a page of another site, open in the same browser', () => {
  const evil = 'https://evil.example';

  test.each(['/config.json', '/token'])('may not read %s', async (path) => {
    const method = path === '/token' ? 'POST' : 'GET';
    const body = path === '/token' ? JSON.stringify({ user: 'alice' }) : undefined;
    const answer = await fetch(urlOf(path), { method, headers: { origin: evil }, ...(body && { body }) });
    expect(['*', evil]).not.toContain(answer.headers.get('access-control-allow-origin'));
    await answer.body?.cancel();
  });

  test('does not become this one by a name that leads here', async () => {
    const { port } = urlOf('/');
    for (const path of ['/config.json', '/graphql']) {
      const { status } = await get(path, { host: `evil.example:${port}`, accept: 'text/html' });
      expect([path, status]).toEqual([path, 403]);
    }
  });
});
