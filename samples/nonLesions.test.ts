import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createOnnxRunner } from '../adapters/modelRunner/onnx.ts';
import { type Classification, createClassifier } from '../classifier/classifier.ts';
import { readModelDirectory, referenceModel } from '../models/modelDirectory.ts';
import { drawNonLesion, nonLesionKinds } from './nonLesions.ts';

const { manifest, modelFile } = readModelDirectory(referenceModel);
const variants = [0, 1, 2, 3, 4, 5];
const results = new Map<string, Classification['result'][]>();

beforeAll(async () => {
  const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));
  for (const { name } of nonLesionKinds) {
    const classified = variants.map(async (variant) => (await classify(await drawNonLesion(name, variant))).result);
    results.set(name, await Promise.all(classified));
  }
}, 120_000);

test('half of the kinds are held out', () => {
  expect(nonLesionKinds).toHaveLength(24);
  expect(nonLesionKinds.filter((kind) => kind.heldOut)).toHaveLength(12);
});

test('a picture is the same every time it is drawn, and another for each kind and variant', async () => {
  const digest = async (kind: string, variant: number) =>
    createHash('sha256')
      .update(await drawNonLesion(kind, variant))
      .digest('hex');
  const first = await digest('cartoon', 0);
  expect(await digest('cartoon', 0)).toBe(first);
  expect(await digest('cartoon', 1)).not.toBe(first);
  expect(await digest('bus', 0)).not.toBe(first);
});

describe.each([
  { half: 'of a kind that a threshold was chosen with', kinds: nonLesionKinds.filter((kind) => !kind.heldOut) },
  { half: 'of a kind held out', kinds: nonLesionKinds.filter((kind) => kind.heldOut) },
])('a picture $half', ({ kinds }) => {
  test.each(kinds.map((kind) => kind.name))('%s gets no confident class, and is told why', (kind) => {
    for (const [variant, { assessment }] of results.get(kind)!.entries()) {
      const { triage, confidence, notices } = assessment;
      const told = `variant ${variant}: ${triage}, confidence ${confidence}`;
      expect(['LOW', 'NONE'], told).toContain(confidence);
      expect(notices.length, told).toBeGreaterThan(0);
    }
  });
});

test('nearly all of them are INCONCLUSIVE, without a class', () => {
  const all = [...results.values()].flat();
  const inconclusive = all.filter(
    ({ assessment, predictions }) => assessment.triage === 'INCONCLUSIVE' && predictions.length === 0,
  );
  expect(inconclusive.length / all.length).toBeGreaterThanOrEqual(0.98);
});
