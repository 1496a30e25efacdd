import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type Product, startProduct } from '../../local/product.ts';
import { samplePhoto } from '../support/cloud.ts';
import type { Configuration, Event } from './protocol.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'stock-amplify-'));
const program = fileURLToPath(new URL('program.ts', import.meta.url));
const start = (port = 0) => startProduct({ https: true, dataDir, port, assemblyDir: inject('assemblyDir') });

interface Program {
  events: Event[];
  errors: string[];
  tell(line: string): void;
  stop(): void;
}

const callers = ['an API key', 'a JWT'] as const;
const programs = new Map<(typeof callers)[number], Program>();
let cloud: Product;

function run(configuration: Configuration): Program {
  const environment = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: cloud.certFile };
  const child: ChildProcess = spawn(process.execPath, [program], { env: environment, stdio: 'pipe' });
  const events: Event[] = [];
  const errors: string[] = [];
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
  child.stderr?.on('data', (data) => errors.push(String(data)));
  const tell = (line: string) => void child.stdin?.write(`${line}\n`);
  tell(JSON.stringify(configuration));
  return { events, errors, tell, stop: () => child.kill('SIGKILL') };
}

async function all(check: (program: Program) => void): Promise<void> {
  await vi.waitFor(
    () => {
      for (const one of programs.values()) {
        expect(one.errors).toEqual([]);
        check(one);
      }
    },
    { timeout: 60_000, interval: 50 },
  );
}

const count = ({ events }: Program, event: Event['event']) => events.filter((one) => one.event === event).length;
/** How often it heard of a deletion. On a busy machine the push of what was done before may come late, and counts for nothing. */
const heard = ({ events }: Program) => events.filter((one) => one.event === 'heard' && one.status === 'DELETED').length;
const tellAll = () => {
  for (const { tell } of programs.values()) tell('go on');
};

/** Both programs side by side: one restart serves them both. */
beforeAll(async () => {
  cloud = await start();
  const { graphqlUrl: endpoint, region, apiKey } = cloud.config;
  const photo = Buffer.from(samplePhoto).toString('base64');
  const common = { endpoint, region, photo, token: await cloud.token('alice') };
  programs.set('an API key', run({ ...common, apiKey }));
  programs.set('a JWT', run({ ...common, apiKey: undefined }));
  await all((one) => expect(count(one, 'acknowledged')).toBe(2));
  tellAll();
  await all((one) => expect(heard(one)).toBe(1));
  await cloud.stop();
  cloud = await start(Number(new URL(endpoint).port));
  await all((one) => expect(count(one, 'acknowledged')).toBe(4));
  tellAll();
  await all((one) => expect(heard(one)).toBe(2));
});

afterAll(async () => {
  for (const one of programs.values()) one.stop();
  await cloud.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe.each(callers)('a program of stock aws-amplify with %s', (caller) => {
  const events = () => programs.get(caller)?.events ?? [];
  const ids = () => events().find((one) => one.event === 'submitted')?.ids ?? [];

  test('asks, uploads and submits', () => {
    expect(events()).toContainEqual({ event: 'asked', model: 'ham10000-mobilenetv2' });
    expect(new Set(ids()).size).toBe(3);
  });

  test('hears through two subscriptions at once, each of its own request, and goes on after a restart', () => {
    const [first, second] = ids();
    const all = events().filter((one) => one.event === 'heard');
    expect(all.filter(({ by, requestId }) => by !== requestId)).toEqual([]);
    expect(all.filter(({ status }) => status === 'DELETED')).toEqual([
      { event: 'heard', by: first, requestId: first, status: 'DELETED', version: 4 },
      { event: 'heard', by: second, requestId: second, status: 'DELETED', version: 4 },
    ]);
    expect(events().filter(({ event }) => event === 'failed')).toEqual([]);
  });
});
