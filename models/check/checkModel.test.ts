import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { floatModel, referenceModel } from '../modelDirectory.ts';
import { tinyManifest, tinyOnnx, writeTinyModel } from '../testing/tinyModel.ts';
import { checkModel } from './checkModel.ts';

const root = mkdtempSync(join(tmpdir(), 'check-'));
afterAll(() => rmSync(root, { recursive: true }));

function directoryWith(manifest: unknown, onnx: Buffer | null = tinyOnnx()): string {
  const directory = mkdtempSync(join(root, 'model-'));
  writeFileSync(join(directory, 'manifest.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  if (onnx) writeFileSync(join(directory, 'tiny.onnx'), onnx);
  return directory;
}

test('the reference model has no problem, and its opset and shapes are told', async () => {
  const { facts, problems } = await checkModel(referenceModel);
  expect(problems).toEqual([]);
  expect(facts.join(' ')).toMatch(/opset 13.*image uint8 \[batch, 224, 224, 3\].*in 4 views.*probabilities sum to 1/);
});

test('the float model has none either: it stands in by its files alone', async () => {
  expect((await checkModel(floatModel)).problems).toEqual([]);
});

test('a model with a gate and eight views has no problem, and both are told', async () => {
  const directory = mkdtempSync(join(root, 'gate-'));
  writeTinyModel(directory, { modality: true, views: 8, manifest: { trainingPrior: { mel: 0.2, nv: 0.5, scc: 0.3 } } });
  const { facts, problems, lacking } = await checkModel(directory);
  expect(problems).toEqual([]);
  expect(facts.join(' ')).toMatch(/in 8 views.*modality 0\.\d\d.*no class below modality 0.3/);
  expect(lacking.join(' ')).not.toMatch(/modality|trainingPrior/);
});

test('another model, of 3 classes, 32 pixels and float32 NCHW, has none either, and is told what it lacks', async () => {
  const directory = mkdtempSync(join(root, 'bare-'));
  writeTinyModel(directory, { activation: false, distance: false });
  const { problems, lacking } = await checkModel(directory);
  expect(problems).toEqual([]);
  expect(lacking.join(' ')).toMatch(
    /no activation output.*no distance output.*no modality output.*no trainingPrior.*no metrics.*no license.*no MODEL_CARD/,
  );
});

describe('a problem is told in a line of its own', () => {
  const fine = tinyManifest(tinyOnnx());
  const points = [{ name: 'all', classes: ['mel'], threshold: 1 }];

  test.each([
    ['there is no manifest', () => mkdtempSync(join(root, 'empty-')), [/There is no .*manifest\.json/]],
    ['the manifest is no JSON', () => directoryWith('{oops'), [/manifest\.json is not JSON/]],
    [
      'the manifest lacks things',
      () => directoryWith({ ...fine, temperature: undefined, classes: undefined }),
      [/Model manifest: classes: /, /Model manifest: temperature: /],
    ],
    [
      'a class is unknown',
      () => directoryWith({ ...fine, classInfo: {} }),
      [/class "scc" is not a known lesion class/],
    ],
    [
      'no text may name a class',
      () =>
        directoryWith({ ...fine, classInfo: { scc: { ...Object(fine.classInfo).scc, label: 'long '.repeat(500) } } }),
      [/^class "scc": a text with its label cannot be shown: too long \(en\)/],
    ],
    ['the ONNX file is missing', () => directoryWith(fine, null), [/has no tiny\.onnx/]],
    [
      'it is another file',
      () => directoryWith({ ...fine, sha256: '0'.repeat(64), bytes: 5 }),
      [/the manifest says 5$/, /sha256/],
    ],
    [
      'it is no ONNX file',
      () => directoryWith(fine, Buffer.from('hello')),
      [/bytes/, /sha256/, /no ONNX file/, /tiny\.onnx: /],
    ],
    [
      'the input has another size',
      () => directoryWith({ ...fine, input: { ...Object(fine.input), width: 64, height: 64 } }),
      [/pixels float32 \[batch, 3, 32, 32\] does not fit \[1, 3, 64, 64\]/, /dimensions/],
    ],
    [
      'the input has another type',
      () => directoryWith({ ...fine, input: { ...Object(fine.input), type: 'uint8' } }),
      [/takes float32, the manifest says uint8/, /data type/],
    ],
    ['it fails when it runs', () => written({ fault: 'throws' }), [/out of data bounds/]],
    ['it returns NaN', () => written({ fault: 'nan' }), [/logits that are not finite/]],
    [
      'a threshold decides nothing and was not measured',
      () => directoryWith({ ...fine, operatingPoints: points }),
      [/threshold 1 is not between 0 and 1/, /no measured sensitivity/],
    ],
    [
      'distances are in the wrong order',
      () => directoryWith({ ...fine, distance: { unusual: 3, foreign: 2 } }),
      [/unusual lies above/],
    ],
    [
      'the gate never closes',
      () => written({ modality: true, manifest: { modality: { threshold: 0 } } }),
      [/modality: nothing lies below the threshold 0/],
    ],
    [
      'the prior leaves a class out',
      () => written({ manifest: { trainingPrior: { mel: 0.5, nv: 0.5 } } }),
      [/trainingPrior names mel,nv; it must name mel,nv,scc/],
    ],
    [
      'the prior is none',
      () => written({ manifest: { trainingPrior: { mel: 0.5, nv: 0.5, scc: 0.5 } } }),
      [/trainingPrior sum to 1.500/],
    ],
    [
      'figures lie outside their intervals',
      () =>
        written({
          manifest: {
            metrics: { test: { n: 9, accuracy: 0.5, interval95: { accuracy: [0.6, 0.8] } } },
            subgroups: { 'age: 80': { n: 9, accuracy: 0.9, accuracyInterval95: [0.6, 0.8] } },
          },
        }),
      [/^test, accuracy: 0.5 lies outside/, /^age: 80, accuracy: 0.9 lies outside/],
    ],
  ] satisfies [string, () => string, RegExp[]][])('%s', async (_, make, expected) => {
    const { problems } = await checkModel(make());
    expect(problems.join('\n')).not.toMatch(/\n\s*\n/);
    expect(problems).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(problems[index]).toMatch(pattern);
  });
});

function written(options: Parameters<typeof writeTinyModel>[1]): string {
  const directory = mkdtempSync(join(root, 'faulty-'));
  writeTinyModel(directory, options);
  return directory;
}
