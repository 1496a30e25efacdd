import { readFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { type Classifier, createClassifier } from '../../classifier/classifier.ts';
import { confidenceValues } from '../../core/generated/enums.ts';
import type { Confidence, ImageQuality, NoticeCode } from '../../core/generated/schema.ts';
import { readModelDirectory, referenceModel } from '../modelDirectory.ts';
import { type Evaluated, findPhotos } from './classifyLabelled.ts';
import { byConfidence, byNotice } from './honesty.ts';
import { readLabels } from './labels.ts';
import { accuracyOf } from './metrics.ts';
import { caseOf } from './summary.ts';
import { degradations } from './testing/degradations.ts';
import { needsSharedPhotos, sharedPhotos } from './testing/sharedPhotos.ts';

const { manifest, modelFile } = readModelDirectory(referenceModel);
const { blur, darken, overexpose, flatten, shrink } = degradations;

/** Every statement that core/notices.ts and core/assessment.ts make about where their thresholds come from. */
describe.skipIf(!sharedPhotos.areHere)(
  `measured on labelled photos and worse copies of them${needsSharedPhotos}`,
  () => {
    let classify: Classifier;
    let originals: Evaluated[];

    beforeAll(async () => {
      classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));
      originals = await classifyAll((photo) => photo);
    });

    async function classifyAll(degrade: (photo: Sharp) => Sharp): Promise<Evaluated[]> {
      const labels = readLabels(sharedPhotos.labels, manifest.classes);
      const paths = findPhotos(sharedPhotos.images, labels);
      const evaluated = labels.map(async (label) => {
        const copy = degrade(sharp(readFileSync(paths.get(label.imageId)!)));
        return { ...label, classification: await classify(await copy.png().toBuffer()), milliseconds: 0 };
      });
      return await Promise.all(evaluated);
    }

    const accuracy = (photos: Evaluated[]) => accuracyOf(photos.map((photo) => caseOf(photo, manifest)));
    const noticed = (photos: Evaluated[], code: NoticeCode) =>
      photos.filter((photo) => assessmentOf(photo).notices.some((notice) => notice.code === code)).length /
      photos.length;

    test('no original gets a notice on its quality, and one is withheld, as no dermoscopy', () => {
      const codes = byNotice(originals, manifest).map((group) => group.name);
      expect(codes).toEqual(['AMBIGUOUS', 'MAYBE_NOT_DERMOSCOPY', 'NOT_DERMOSCOPY', 'UNUSUAL']);
      expect(originals.filter((photo) => assessmentOf(photo).triage === 'INCONCLUSIVE')).toHaveLength(1);
    });

    test('confidence falls with the share that is right: 27 of 30, 10 of 17, 10 of 22', () => {
      const groups = Object.fromEntries(
        byConfidence(originals, manifest).map(({ name, right, photos }) => [name, [right, photos]]),
      );
      const expected: Record<Confidence, number[]> = { HIGH: [27, 30], MEDIUM: [10, 17], LOW: [10, 22], NONE: [0, 1] };
      for (const level of confidenceValues) {
        // One photo may fall to the other side of a limit where another CPU rounds otherwise.
        expect(Math.abs(groups[level]![0]! - expected[level][0]!), level).toBeLessThanOrEqual(1);
        expect(Math.abs(groups[level]![1]! - expected[level][1]!), level).toBeLessThanOrEqual(1);
      }
    });

    test('of the ambiguous ones the first class is right of one in four at most', () => {
      const [ambiguous] = byNotice(originals, manifest);
      expect(ambiguous!.name).toBe('AMBIGUOUS');
      expect(ambiguous!.photos).toBeGreaterThanOrEqual(7);
      expect(ambiguous!.right / ambiguous!.photos).toBeLessThanOrEqual(0.25);
    });

    test.each([
      ['BLURRED', 'blurred by 2 px', blur(2), 0.53, 0.95],
      ['TOO_DARK', 'darkened to 0.4', darken(0.4), 0.56, 0.9],
      ['TOO_BRIGHT', 'overexposed by 1.6', overexpose(1.6), 0.54, 0.5],
      ['LOW_CONTRAST', 'flattened to 0.3', flatten(0.3), 0.5, 0.5],
    ] as const)('%s: copies %s', async (code, _, degrade, expectedAccuracy, share) => {
      const copies = await classifyAll(degrade);
      expect(Math.abs(accuracy(copies) - expectedAccuracy)).toBeLessThanOrEqual(0.04);
      expect(accuracy(originals) - accuracy(copies)).toBeGreaterThanOrEqual(0.1);
      expect(noticed(copies, code)).toBeGreaterThanOrEqual(share);
    });

    test('TOO_SMALL: at 0.4 of the side no accuracy is lost and nothing said, at 0.25 it is', async () => {
      const [enough, tooSmall] = [await classifyAll(shrink(90)), await classifyAll(shrink(56))];
      expect(accuracy(enough)).toBeGreaterThanOrEqual(accuracy(originals) - 0.02);
      expect(noticed(enough, 'TOO_SMALL')).toBe(0);
      expect(accuracy(originals) - accuracy(tooSmall)).toBeGreaterThanOrEqual(0.1);
      expect(noticed(tooSmall, 'TOO_SMALL')).toBe(1);
    });

    test.each([
      ['blurred', blur(8), ({ sharpness }) => sharpness < 1.9],
      ['darkened', darken(0.1), ({ brightness }) => brightness < 24],
      ['overexposed', overexpose(4), ({ brightness }) => brightness > 253],
      ['flattened', flatten(0.1), ({ contrast }) => contrast < 3.5],
    ] satisfies [string, (photo: Sharp) => Sharp, (quality: ImageQuality) => boolean][])(
      'no class is shown beyond a limit that half of the copies pass when they are %s so far that the model guesses',
      async (_, degrade, isBeyond) => {
        const copies = await classifyAll(degrade);
        expect(accuracy(copies)).toBeLessThanOrEqual(0.26);
        const beyond = copies.filter((photo) => isBeyond(photo.classification.result.imageQuality));
        expect(beyond.length / copies.length).toBeGreaterThanOrEqual(0.5);
        expect(beyond.filter((photo) => assessmentOf(photo).triage !== 'INCONCLUSIVE')).toEqual([]);
      },
    );
  },
  120_000,
);

function assessmentOf(photo: Evaluated) {
  return photo.classification.result.assessment;
}
