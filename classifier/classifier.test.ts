import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { createOnnxRunner } from '../adapters/modelRunner/onnx.ts';
import { LesionError } from '../core/errors.ts';
import { readModelDirectory, referenceModel } from '../models/modelDirectory.ts';
import { type TinyModelOptions, writeTinyModel } from '../models/testing/tinyModel.ts';
import { createClassifier } from './classifier.ts';

const photo = readFileSync(new URL('../samples/synthetic-lesion.jpg', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'classifier-'));
afterAll(() => rmSync(root, { recursive: true }));

function classifierOf(directory: string) {
  const { manifest, modelFile } = readModelDirectory(directory);
  return createClassifier(manifest, createOnnxRunner(modelFile, manifest));
}

function tinyClassifier(options: TinyModelOptions = {}) {
  const directory = mkdtempSync(join(root, 'model-'));
  writeTinyModel(directory, options);
  return classifierOf(directory);
}

describe('the reference model', () => {
  const classify = classifierOf(referenceModel);

  test('gives a photo probabilities that sum to 1, a triage, a heatmap on its centre square, and its own name', async () => {
    const { result, timings } = await classify(photo);
    expect(result.predictions).toHaveLength(7);
    expect(result.predictions.reduce((sum, one) => sum + one.probability, 0)).toBeCloseTo(1, 6);
    expect(result.assessment.triage).toBe('SOON');
    expect(result.heatmap).toMatchObject({ rows: 7, columns: 7, left: 75, top: 0, size: 450 });
    expect(result.model).toEqual({ name: 'ham10000-mobilenetv2', version: '2.1.0' });
    expect(result.imageQuality).toMatchObject({ width: 600, height: 450 });
    for (const milliseconds of Object.values(timings)) expect(milliseconds).toBeGreaterThan(0);
  });

  test('gives the same photo the same result, alone or among others, sound and broken', async () => {
    const alone = await classify(photo);
    const broken = photo.subarray(0, 5000);
    const all = await Promise.allSettled([broken, photo, broken, photo, photo, broken].map(classify));
    expect(all.map((one) => one.status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    for (const one of all) {
      if (one.status === 'fulfilled') expect(one.value.result).toEqual(alone.result);
      else expect(one.reason).toBeInstanceOf(LesionError);
    }
  });
});

describe('another model, by its files alone', () => {
  test.each([
    { type: 'float32', layout: 'NCHW' },
    { type: 'uint8', layout: 'NHWC' },
  ] as const)('of 3 classes, 32 pixels and $type $layout', async (input) => {
    const { result } = await tinyClassifier(input)(photo);
    expect(result.predictions.map((one) => one.code).sort()).toEqual(['mel', 'nv', 'scc']);
    expect(result.predictions.find((one) => one.code === 'scc')).toMatchObject({ icd10: 'C44', malignant: true });
    expect(result.assessment.operatingPoints.map((point) => point.name).sort()).toEqual([
      'malignant-70',
      'malignant-90',
    ]);
    expect(result.heatmap).toMatchObject({ rows: 4, columns: 4 });
    expect(result.model).toEqual({ name: 'tiny', version: '0.0.1' });
  });

  test('without activation and distance gives no heatmap, and is never sure of itself', async () => {
    const { result } = await tinyClassifier({ activation: false, distance: false })(photo);
    expect(result.heatmap).toBeUndefined();
    expect(result.assessment.distance).toBeNull();
    expect(result.assessment.confidence).not.toBe('HIGH');
  });
});

describe('a model that fails', () => {
  const bright = sharp({ create: { width: 64, height: 64, channels: 3, background: '#fffdf8' } })
    .jpeg()
    .toBuffer();

  test('fails its photo for a reason that is not the photo, and the next one is served', async () => {
    const classify = tinyClassifier({ fault: 'throwsOnBright' });
    const failure: unknown = await classify(await bright).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(LesionError);
    const darker = await sharp(photo).linear(0.4, 0).jpeg().toBuffer();
    expect((await classify(darker)).scores.probabilities).toHaveLength(3);
  });

  test('by returning NaN fails every photo, and never with a result', async () => {
    const classify = tinyClassifier({ fault: 'nan' });
    for (let time = 0; time < 2; time++) await expect(classify(photo)).rejects.toThrow(/finite/);
  });
});
