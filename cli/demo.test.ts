import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Request, RequestStatus } from '../client/request.ts';
import { aCompletedRequest, aLife, aRequest } from '../client/testing/requests.ts';
import { type FakeAppSync, startFakeAppSync } from '../client/testing/startFakeAppSync.ts';
import { runDemo } from './demo.ts';

let api: FakeAppSync;
let directory: string;

beforeEach(async () => {
  api = await startFakeAppSync();
  directory = await mkdtemp(join(tmpdir(), 'demo-'));
});

afterEach(async () => {
  await api.stop();
  await rm(directory, { recursive: true });
});

async function photo(name: string, bytes = [0xff, 0xd8, 0xff, 0]): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, new Uint8Array(bytes));
  return path;
}

/** Every submitted photo goes through its life at once, and ends as `last`. */
function serve(last: Partial<Request> = {}): void {
  api.on('SubmitRequest', ({ input }) => {
    const { reference } = input as { reference: string };
    for (const request of aLife(reference).slice(0, 3)) api.push(request);
    api.push(aRequest({ requestId: reference, status: 'COMPLETED', version: 4, ...last }));
    return aRequest({ requestId: reference });
  });
  api.on('GetResult', ({ requestId }) => ({ ...aCompletedRequest(), ...last, requestId }));
}

async function demo(photos: string[], options = {}) {
  const written = { out: '', err: '' };
  const out = { write: (text: string) => (written.out += text) };
  const err = { write: (text: string) => (written.err += text) };
  const config = { graphqlUrl: api.graphqlUrl, token: async () => 'demo' };
  const code = await runDemo(config, photos, { ...options, out, err });
  return { ...written, code, lines: written.out.trim().split('\n') };
}

test('with --json writes one object for each change, then one for each result, and nothing else', async () => {
  serve();
  const { code, lines } = await demo([await photo('a.jpg'), await photo('b.jpg')], { json: true, pushOnly: true });
  const objects = lines.map((line) => JSON.parse(line));
  expect(code).toBe(0);
  const updates = objects.slice(0, 8).filter(({ requestId }) => requestId === 'a.jpg');
  const expected: RequestStatus[] = ['PENDING', 'PROCESSING', 'AWAITING_DESCRIPTION', 'COMPLETED'];
  expect(updates).toEqual(
    expected.map((status, at) => ({
      type: 'update',
      requestId: 'a.jpg',
      status,
      version: at + 1,
      via: 'push',
      ms: expect.any(Number),
    })),
  );
  expect(objects.slice(8)).toEqual([
    { type: 'result', ...aCompletedRequest(), requestId: 'a.jpg' },
    { type: 'result', ...aCompletedRequest(), requestId: 'b.jpg' },
  ]);
  expect(api.calls.filter((call) => call === 'GetResult')).toHaveLength(2);
});

test('for people writes a line for each change and then the table', async () => {
  serve();
  const { out, code } = await demo([await photo('a.jpg')]);
  expect(code).toBe(0);
  expect(out).toMatch(/a\.jpg +\d\.\d{3} s {2}PENDING +v1 +by push\n/);
  expect(out).toContain('● malignant');
});

test('exits with 1 where a request failed', async () => {
  serve({ status: 'FAILED', error: { code: 'UnreadableImage', message: 'Take another.', retryable: false } });
  const { code, out } = await demo([await photo('a.jpg')]);
  expect(code).toBe(1);
  expect(out).toContain('UnreadableImage: Take another.');
});

test('lets the server judge a file that only its name calls a photo', async () => {
  serve();
  await demo([await photo('note.jpg', [0x68, 0x69])]);
  expect(api.uploads).toHaveLength(1);
});

test('says which file it cannot read, and serves the others', async () => {
  serve();
  const { code, err, lines } = await demo([join(directory, 'gone.jpg'), await photo('a.jpg')], { json: true });
  expect(code).toBe(1);
  expect(err).toMatch(/gone\.jpg: InvalidInput: Cannot read .*gone\.jpg \(ENOENT\)/);
  expect(lines).toHaveLength(5);
});
