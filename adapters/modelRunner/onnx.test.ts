import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { readModelDirectory, referenceModel } from '../../models/modelDirectory.ts';
import { tinyOnnx, writeTinyModel } from '../../models/testing/tinyModel.ts';
import { createOnnxRunner } from './onnx.ts';
import { prepareSessionThread, startSessionThread } from './sessionThread.ts';

const root = mkdtempSync(join(tmpdir(), 'onnx-'));
// Within the repository, where a bundle finds node_modules as it does within the function.
const bundles = fileURLToPath(new URL('../../.build/test-onnx/', import.meta.url));
afterAll(() => {
  rmSync(root, { recursive: true });
  rmSync(bundles, { recursive: true, force: true });
});

function tiny(name: string, manifest: Record<string, unknown> = {}) {
  writeTinyModel(join(root, name), { manifest });
  return readModelDirectory(join(root, name));
}

describe('a model that does not fit its manifest is refused', () => {
  test.each([
    [
      'no input of that name',
      { input: { ...tiny('names').manifest.input, name: 'photo' } },
      /no input "photo"; it has pixels/,
    ],
    ['no output of that name', { outputs: { logits: 'logits' } }, /no output "logits"; it has scores,maps,away/],
  ])('for it has %s', async (_, manifest, message) => {
    const model = tiny('unfit', manifest);
    await expect(createOnnxRunner(model.modelFile, model.manifest)).rejects.toThrow(message);
  });

  test('for half of it is missing', async () => {
    const model = tiny('half');
    const onnx = tinyOnnx();
    writeFileSync(model.modelFile, onnx.subarray(0, onnx.length / 2));
    await expect(createOnnxRunner(model.modelFile, model.manifest)).rejects.toThrow(/Protobuf parsing failed/);
  });

  test('for it is not there', async () => {
    const model = tiny('gone');
    rmSync(model.modelFile);
    await expect(createOnnxRunner(model.modelFile, model.manifest)).rejects.toThrow(/File doesn't exist/);
  });
});

test('a model may still be on its way when its thread starts', async () => {
  const model = tiny('late');
  const arriving = new Promise<string>((resolve) => setImmediate(() => resolve(model.modelFile)));
  const runner = await createOnnxRunner(arriving, model.manifest);
  expect((await runner.run(new Uint8Array(32 * 32 * 3))).logits[0]).toHaveLength(3);
});

test('the main thread is free while a photo is in the model', async () => {
  const { manifest, modelFile } = readModelDirectory(referenceModel);
  const runner = await createOnnxRunner(modelFile, manifest, 1);
  let turns = 0;
  const count = setInterval(() => turns++, 0);
  await Promise.all(Array.from({ length: 10 }, () => runner.run(new Uint8Array(manifest.input.width ** 2 * 3))));
  clearInterval(count);
  expect(turns).toBeGreaterThan(10);
});

test('a thread that is stopped ends, and fails the calls that come too late', async () => {
  const thread = startSessionThread();
  const info = await thread.load(tiny('stopped').modelFile);
  expect(info.inputs).toEqual([{ name: 'pixels', type: 'float32', shape: ['batch', 3, 32, 32] }]);
  thread.stop();
  const late = thread.load(tiny('stopped').modelFile);
  await expect(late).rejects.toThrow(/thread of the model ended/);
  await thread.ended;
  await expect(thread.run('pixels', { type: 'uint8', data: new Uint8Array(), dims: [0] }, [])).rejects.toThrow(/ended/);
});

test('a thread made ready ahead is the first to be taken', async () => {
  prepareSessionThread();
  prepareSessionThread();
  const [first, second] = [startSessionThread(), startSessionThread()];
  const { modelFile } = tiny('ahead');
  await Promise.all([first.load(modelFile), second.load(modelFile)]);
  for (const thread of [first, second]) thread.stop();
  await Promise.all([first.ended, second.ended]);
});

test('a process may end at any moment, with threads that come up, load or wait', async () => {
  const module = JSON.stringify(join(import.meta.dirname, 'sessionThread.ts'));
  const [coming, loaded] = [
    `import { prepareSessionThread } from ${module}; prepareSessionThread();`,
    `import { startSessionThread } from ${module}; const thread = startSessionThread();
     await thread.load(${JSON.stringify(tiny('ends').modelFile)}); startSessionThread();`,
  ];
  for (const code of [coming!, loaded!]) {
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { timeout: 20_000 });
  }
});

test('bundled to a single file, as the function is, it runs and lets the process end', async () => {
  const { modelFile } = tiny('bundled');
  const entry = `
    import { createOnnxRunner } from './onnx.ts';
    import { parseModelManifest } from '../../core/modelManifest.ts';
    import { readFileSync } from 'node:fs';
    const manifest = parseModelManifest(JSON.parse(readFileSync(process.argv[2] + '/manifest.json', 'utf8')));
    const runner = await createOnnxRunner(process.argv[2] + '/tiny.onnx', manifest, 2);
    const photos = [0, 1, 2, 3].map(() => runner.run(new Uint8Array(32 * 32 * 3)));
    console.log((await Promise.all(photos)).map((output) => output.logits[0].length).join());`;
  const file = join(bundles, 'index.mjs');
  mkdirSync(bundles, { recursive: true });
  await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname, loader: 'ts' },
    outfile: file,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    external: ['onnxruntime-node'],
  });
  const { stdout } = await promisify(execFile)(process.execPath, [file, join(modelFile, '..')], { timeout: 20_000 });
  expect(stdout.trim()).toBe('3,3,3,3');
});
