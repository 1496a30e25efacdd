import { afterEach, expect, test } from 'vitest';
import type { ModelRunner } from '../../../adapters/modelRunner/modelRunner.ts';
import { parseModelManifest } from '../../../core/modelManifest.ts';
import { tinyManifest, tinyOnnx } from '../../../models/testing/tinyModel.ts';
import { type InvocationServer, startInvocationServer } from './invocationServer.ts';

const manifest = parseModelManifest(tinyManifest(tinyOnnx()));
const photo = new Uint8Array(32 * 32 * 3);
const runner: ModelRunner = {
  run: async () => ({ logits: [Float32Array.of(1, 2, 3)], activation: null, distance: 0.5, modality: null }),
};
let server: InvocationServer | undefined;

afterEach(async () => {
  await server?.stop();
});

async function start(model: ModelRunner | Promise<ModelRunner> = runner): Promise<string> {
  server = await startInvocationServer({ manifest, runner: model, host: '127.0.0.1', port: 0 });
  return server.url;
}

async function invoke(url: string, body: Uint8Array, type = 'application/octet-stream') {
  const answer = await fetch(`${url}/invocations`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Uint8Array.from(body),
  });
  return { status: answer.status, body: await answer.json() };
}

test('it is healthy once the model is loaded, and not before', async () => {
  const { promise, resolve } = Promise.withResolvers<ModelRunner>();
  const url = await start(promise);
  expect((await fetch(`${url}/ping`)).status).toBe(503);
  resolve(runner);
  await promise;
  expect((await fetch(`${url}/ping`)).status).toBe(200);
});

test('a photo that comes while the model loads waits for it', async () => {
  const { promise, resolve } = Promise.withResolvers<ModelRunner>();
  const answer = invoke(await start(promise), photo);
  resolve(runner);
  expect(await answer).toEqual({
    status: 200,
    body: { logits: [[1, 2, 3]], activation: null, distance: 0.5, modality: null },
  });
});

test.each([
  ['a byte too few', photo.subarray(1), 'application/octet-stream', 400, /3071 bytes.*takes 3072/],
  ['far too many bytes', new Uint8Array(5_000_000), 'application/octet-stream', 400, /takes 3072, uint8 \[32, 32, 3\]/],
  ['a JPEG', photo, 'image/jpeg', 415, /send application\/octet-stream/],
])('%s is refused with what is wanted', async (_, bytes, type, status, message) => {
  const answer = await invoke(await start(), bytes, type);
  expect(answer).toMatchObject({ status, body: { error: expect.stringMatching(message) } });
});

test('a model that fails answers 500, and the next photo is served', async () => {
  let failing = true;
  const moody: ModelRunner = {
    run: async (rgb) => {
      if (failing) throw new Error('out of data bounds');
      return await runner.run(rgb);
    },
  };
  const url = await start(moody);
  expect(await invoke(url, photo)).toEqual({ status: 500, body: { error: 'out of data bounds' } });
  failing = false;
  expect((await invoke(url, photo)).status).toBe(200);
});

test('there is nothing else', async () => {
  expect((await fetch(`${await start()}/`)).status).toBe(404);
});

test('a port in use is told to whoever starts it', async () => {
  const port = Number(new URL(await start()).port);
  await expect(startInvocationServer({ manifest, runner, host: '127.0.0.1', port })).rejects.toThrow(/EADDRINUSE/);
});
