import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createSageMakerRunner } from '../../adapters/modelRunner/sagemaker.ts';
import { type Endpoint, startSageMakerEndpoint } from '../../adapters/modelRunner/testing/sageMakerEndpoint.ts';
import { createClassifier } from '../../classifier/classifier.ts';
import { floatModel, readJson, readModelDirectory, referenceModel } from '../modelDirectory.ts';
import { writeFloatCopy } from '../testing/floatCopy.ts';
import { classifyLabelled, type Evaluated, findPhotos } from './classifyLabelled.ts';
import { readLabels } from './labels.ts';
import { summarize } from './summary.ts';
import { needsSharedPhotos, sharedPhotos } from './testing/sharedPhotos.ts';

const goldenSchema = z.object({
  accuracy: z.number(),
  images: z.record(
    z.string(),
    z.object({ probabilities: z.record(z.string(), z.number()), distance: z.number(), modality: z.number() }),
  ),
});

const directory = mkdtempSync(join(tmpdir(), 'golden-'));
const endpoints: Endpoint[] = [];
afterAll(async () => {
  for (const one of endpoints) await one.stop();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

async function inThreads(model: string) {
  const { manifest, modelFile } = readModelDirectory(model);
  return { manifest, runner: await createOnnxRunner(modelFile, manifest) };
}

async function withFloats() {
  writeFloatCopy(referenceModel, directory);
  return await inThreads(directory);
}

async function atSageMaker(model: string) {
  const endpoint = await startSageMakerEndpoint('lesions', model);
  endpoints.push(endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME', endpoint.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const { manifest } = readModelDirectory(model);
  return { manifest, runner: createSageMakerRunner('lesions', manifest) };
}

describe.skipIf(!sharedPhotos.areHere).each([
  { model: 'the reference model', start: () => inThreads(referenceModel), of: 'int8' },
  { model: 'a copy of it that takes float32 NCHW', start: withFloats, of: 'int8' },
  { model: 'the reference model behind a SageMaker endpoint', start: () => atSageMaker(referenceModel), of: 'int8' },
  { model: 'the float model', start: () => inThreads(floatModel), of: 'float' },
  { model: 'the float model behind a SageMaker endpoint', start: () => atSageMaker(floatModel), of: 'float' },
] as const)(`$model on the labelled photos${needsSharedPhotos}`, ({ start, of }) => {
  const golden = sharedPhotos.areHere
    ? goldenSchema.parse(readJson(sharedPhotos.golden[of]))
    : { accuracy: 0, images: {} };
  const evaluated: Evaluated[] = [];
  let manifest: Awaited<ReturnType<typeof inThreads>>['manifest'];

  beforeAll(async () => {
    const started = await start();
    manifest = started.manifest;
    const labels = readLabels(sharedPhotos.labels, manifest.classes);
    const photos = findPhotos(sharedPhotos.images, labels);
    const classify = createClassifier(manifest, started.runner);
    for await (const one of classifyLabelled(labels, photos, classify)) evaluated.push(one);
  });

  test('gives every probability within 0.02 of the golden one, modality too, and the distance within 0.05', () => {
    for (const { imageId, classification } of evaluated) {
      const expected = golden.images[imageId]!;
      const off = manifest.classes.map((code, index) =>
        Math.abs(classification.scores.probabilities[index]! - expected.probabilities[code]!),
      );
      expect(Math.max(...off), imageId).toBeLessThanOrEqual(0.02);
      expect(Math.abs(classification.scores.modality! - expected.modality), imageId).toBeLessThanOrEqual(0.02);
      expect(classification.scores.distance, imageId).toBeCloseTo(expected.distance, 1);
    }
    expect(evaluated).toHaveLength(Object.keys(golden.images).length);
  });

  test('gives the golden class wherever the golden margin is above 0.05', () => {
    for (const { imageId, classification } of evaluated) {
      const ranked = Object.entries(golden.images[imageId]!.probabilities).sort(([, a], [, b]) => b - a);
      const [[first, p], [, q]] = [ranked[0]!, ranked[1]!];
      const { probabilities } = classification.scores;
      const found = manifest.classes[probabilities.indexOf(Math.max(...probabilities))];
      if (p - q > 0.05) expect(found, imageId).toBe(first);
    }
  });

  test('is right as often as the golden run, give or take one photo', () => {
    const { accuracy, n } = summarize(evaluated, manifest);
    expect(Math.abs(accuracy - golden.accuracy) * n).toBeLessThanOrEqual(1.001);
  });

  test('shows no class for at most one of them', () => {
    const withheld = evaluated.filter(({ classification }) => classification.result.predictions.length === 0);
    expect(withheld.length).toBeLessThanOrEqual(1);
  });

  test('calls at most 5 % of them far from its training photos', () => {
    const codes = evaluated.map((one) => one.classification.result.assessment.notices.map((notice) => notice.code));
    const far = codes.filter((notices) => notices.includes('FAR_FROM_TRAINING'));
    expect(far.length / codes.length).toBeLessThanOrEqual(0.05);
  });
});
