import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../../workers/inference/classifier.ts';
import { readJson, readModelDirectory, referenceModel } from '../model/modelDirectory.ts';
import { classifyLabelled, type Evaluated, findPhotos } from './classifyLabelled.ts';
import { readLabels } from './labels.ts';
import { summarize } from './summary.ts';
import { needsSharedPhotos, sharedPhotos } from './testing/sharedPhotos.ts';

const goldenSchema = z.object({
  accuracy: z.number(),
  images: z.record(z.string(), z.object({ probabilities: z.record(z.string(), z.number()), distance: z.number() })),
});

describe.skipIf(!sharedPhotos.areHere)(`the reference model on the labelled photos${needsSharedPhotos}`, () => {
  const { manifest, modelFile } = readModelDirectory(referenceModel);
  const evaluated: Evaluated[] = [];
  let golden: z.infer<typeof goldenSchema>;

  beforeAll(async () => {
    golden = goldenSchema.parse(readJson(sharedPhotos.golden));
    const labels = readLabels(sharedPhotos.labels, manifest.classes);
    const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));
    const photos = findPhotos(sharedPhotos.images, labels);
    for await (const one of classifyLabelled(labels, photos, classify)) evaluated.push(one);
  });

  test('gives every probability within 0.02 of the golden one, and the distance within 0.05', () => {
    for (const { imageId, classification } of evaluated) {
      const expected = golden.images[imageId]!;
      const off = manifest.classes.map((code, index) =>
        Math.abs(classification.scores.probabilities[index]! - expected.probabilities[code]!),
      );
      expect(Math.max(...off), imageId).toBeLessThanOrEqual(0.02);
      expect(classification.scores.distance, imageId).toBeCloseTo(expected.distance, 1);
    }
    expect(evaluated).toHaveLength(Object.keys(golden.images).length);
  });

  test('gives the golden class wherever the golden margin is above 0.05', () => {
    for (const { imageId, classification } of evaluated) {
      const ranked = Object.entries(golden.images[imageId]!.probabilities).sort(([, a], [, b]) => b - a);
      const [[first, p], [, q]] = [ranked[0]!, ranked[1]!];
      if (p - q > 0.05) expect(classification.result.predictions[0]?.code, imageId).toBe(first);
    }
  });

  test('is right as often as the golden run, give or take one photo', () => {
    const { accuracy, n } = summarize(evaluated, manifest);
    expect(Math.abs(accuracy - golden.accuracy) * n).toBeLessThanOrEqual(1.001);
  });

  test('calls at most 5 % of them far from its training photos', () => {
    const codes = evaluated.map((one) => one.classification.result.assessment.notices.map((notice) => notice.code));
    expect(codes.filter((notices) => notices.includes('FAR_FROM_TRAINING')).length / codes.length).toBeLessThanOrEqual(
      0.05,
    );
  });
});
