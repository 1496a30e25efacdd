import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readModelDirectory } from '../../models/modelDirectory.ts';
import { ROOT } from '../testing/testStack.ts';
import { type BundleProps, type Bundles, buildBundles, ENTRIES } from './bundles.ts';
import { nativeModules } from './nativeModules.ts';

const MEGABYTE = 1_000_000;
const scratch = mkdtempSync(join(tmpdir(), 'bundles-'));
const root = join(scratch, 'repository');
const nodeModules = join(ROOT, 'node_modules');
const model = readModelDirectory(join(ROOT, 'models/ham10000-mobilenetv2'));

/** Stands in for the inference function: decodes a photo and runs the model, by what lies beside it alone. */
const TINY_INFERENCE = `
import sharp from 'sharp';
export const handler = async (modelPath) => {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const png = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#a66' } }).png().toBuffer();
  const jpeg = await sharp(png).rotate().resize(224, 224).jpeg().toBuffer();
  const pixels = await sharp(jpeg).removeAlpha().raw().toBuffer();
  const session = await InferenceSession.create(modelPath);
  const { logits } = await session.run({ image: new Tensor('uint8', pixels, [1, 224, 224, 3]) });
  return logits.data.length;
};`;

function writeEntry(name: keyof typeof ENTRIES, source: string): void {
  mkdirSync(dirname(join(root, ENTRIES[name])), { recursive: true });
  writeFileSync(join(root, ENTRIES[name]), source);
}

function props(options: Partial<BundleProps['options']> = {}): BundleProps {
  const outdir = join(scratch, 'build');
  return {
    root,
    nodeModules,
    outdir,
    model,
    options: { cache: 'redis', inference: 'lambda', model: 's3', ...options },
  };
}

let bundles: Bundles;
beforeAll(async () => {
  for (const name of Object.keys(ENTRIES))
    writeEntry(name as keyof typeof ENTRIES, `export const handler = async () => '${name}';`);
  writeEntry('inference', TINY_INFERENCE);
  bundles = await buildBundles(props());
});
afterAll(() => rmSync(scratch, { recursive: true }));

test('each function has its code as index.mjs, under its name and in a directory named by its hash', () => {
  for (const [name, { directory, hash }] of Object.entries(bundles)) {
    expect(directory).toBe(join(scratch, 'build/assets', `${name}-${hash.slice(0, 16)}`));
    expect(readFileSync(join(scratch, 'build/lambda', name, 'index.mjs'))).toEqual(
      readFileSync(join(directory, 'index.mjs')),
    );
  }
});

test('getModel and inference find the manifest beside them, the others nothing but their code', () => {
  const beside = (name: keyof Bundles) => globSync('*', { cwd: bundles[name].directory }).sort();
  expect(beside('getModel')).toEqual(['index.mjs', 'manifest.json']);
  expect(beside('inference')).toEqual(['index.mjs', 'manifest.json', 'node_modules']);
  expect(beside('submitRequest')).toEqual(['index.mjs']);
});

test('source maps are kept, but never in an asset', () => {
  expect(globSync('assets/**/*.map', { cwd: join(scratch, 'build') })).toEqual([]);
  const maps = Object.entries(bundles).map(([name, { hash }]) => `${name}-${hash.slice(0, 16)}.map`);
  expect(globSync('*', { cwd: join(scratch, 'build/maps') }).sort()).toEqual(maps.sort());
});

test('the same sources give the same hashes, and leave every file alone', async () => {
  const written = statSync(join(bundles.inference.directory, 'index.mjs')).ctimeMs;
  expect(await buildBundles(props())).toEqual(bundles);
  expect(statSync(join(bundles.inference.directory, 'index.mjs')).ctimeMs).toBe(written);
});

test('a changed source changes the hash of its own function, and no other', async () => {
  writeEntry('sweeper', 'export const handler = async () => "otherwise";');
  const { sweeper, ...others } = await buildBundles(props());
  const { sweeper: before, ...othersBefore } = bundles;
  expect(sweeper.hash).not.toBe(before.hash);
  expect(others).toEqual(othersBefore);
});

test('a source that a function imports, and one that it lost, is a changed source too', async () => {
  writeFileSync(join(root, 'resolvers/shared.ts'), 'export const word = "first";');
  writeEntry('sweeper', 'import { word } from "../../resolvers/shared.ts"; export const handler = async () => word;');
  const first = await buildBundles(props());
  writeFileSync(join(root, 'resolvers/shared.ts'), 'export const word = "second";');
  const second = await buildBundles(props());
  expect(second.sweeper.hash).not.toBe(first.sweeper.hash);
  expect(readFileSync(join(second.sweeper.directory, 'index.mjs'), 'utf8')).toContain('second');
  rmSync(join(root, 'resolvers/shared.ts'));
  await expect(buildBundles(props())).rejects.toThrow(/shared/);
  writeEntry('sweeper', 'export const handler = async () => "otherwise";');
  expect((await buildBundles(props())).getModel).toEqual(first.getModel);
});

test('model=bundled puts the model beside the code, inference=sagemaker leaves out what would run it', async () => {
  const bundled = (await buildBundles(props({ model: 'bundled' }))).inference;
  const remote = (await buildBundles(props({ inference: 'sagemaker' }))).inference;
  expect(new Set([bundles.inference.hash, bundled.hash, remote.hash]).size).toBe(3);
  expect(existsSync(join(bundled.directory, 'model.onnx'))).toBe(true);
  expect(existsSync(join(bundles.inference.directory, 'model.onnx'))).toBe(false);
  expect(globSync('node_modules/*', { cwd: remote.directory }).sort()).not.toContain('node_modules/onnxruntime-node');
  expect(globSync('node_modules/sharp', { cwd: remote.directory })).toHaveLength(1);
});

test('bundles that no synthesis used for an hour are removed', async () => {
  const old = join(scratch, 'build/assets/sweeper-0123456789abcdef');
  mkdirSync(old);
  execFileSync('touch', ['-d', '2 hours ago', old]);
  await buildBundles(props());
  expect(existsSync(old)).toBe(false);
});

describe('the asset of the inference function', () => {
  test('decodes a photo and runs the model where no other package is at hand', () => {
    const copy = join(scratch, 'task');
    cpSync(bundles.inference.directory, copy, { recursive: true });
    const run = `import('./index.mjs').then(({ handler }) => handler(${JSON.stringify(model.modelFile)})).then(console.log)`;
    expect(execFileSync(process.execPath, ['-e', run], { cwd: copy, encoding: 'utf8' })).toBe('7\n');
  });

  test('is at most 40 MB zipped and 120 MB unzipped, with the model in it', { timeout: 60_000 }, async () => {
    const { directory } = (await buildBundles(props({ model: 'bundled' }))).inference;
    const files = globSync('**/*', { cwd: directory }).map((path) => join(directory, path));
    const contents = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path));
    const zipped = await Promise.all(contents.map((content) => promisify(deflateRaw)(content)));
    expect(sum(contents)).toBeLessThan(120 * MEGABYTE);
    expect(sum(zipped)).toBeLessThan(40 * MEGABYTE);
  });

  test('says how to get binaries that npm left out on this machine', () => {
    expect(() => nativeModules(join(scratch, 'nowhere'), true)).toThrow(
      /^sharp for linux x64 is not installed.*npm install .*--os=linux/,
    );
  });
});

describe('the product', () => {
  test('keeps its bundles small: 700 KB, and 900 KB where the LLM or the model is called', async () => {
    const built = await buildBundles({ ...props(), root: ROOT, outdir: join(scratch, 'product') });
    for (const [name, { directory }] of Object.entries(built)) {
      const limit = name === 'enrichment' || name === 'inference' ? 900 : 700;
      expect([name, statSync(join(directory, 'index.mjs')).size / 1000]).toEqual([
        name,
        expect.toSatisfy((size: number) => size <= limit),
      ]);
    }
  });
});

function sum(contents: Buffer[]): number {
  return contents.reduce((bytes, content) => bytes + content.length, 0);
}
