import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../../classifier/classifier.ts';
import { readModelDirectory, referenceModel } from '../modelDirectory.ts';
import { findPhotos } from './classifyLabelled.ts';
import { readLabels } from './labels.ts';
import { needsSharedPhotos, sharedPhotos } from './testing/sharedPhotos.ts';

/** All but the photo as it is. */
const orientations = [false, true]
  .flatMap((mirrored) => [0, 90, 180, 270].map((turn) => ({ mirrored, turn })))
  .slice(1);

async function turned(photo: Buffer, { mirrored, turn }: (typeof orientations)[number]): Promise<Buffer> {
  const { data, info } = await sharp(photo).flop(mirrored).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return await sharp(data, { raw: { width, height, channels } }).rotate(turn).png().toBuffer();
}

test.skipIf(!sharedPhotos.areHere)(
  `a labelled photo that is turned or mirrored keeps its triage in 19 of 20 cases${needsSharedPhotos}`,
  async () => {
    const { manifest, modelFile } = readModelDirectory(referenceModel);
    const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));
    const triageOf = async (photo: Buffer) => (await classify(photo)).result.assessment.triage;
    const paths = findPhotos(sharedPhotos.images, readLabels(sharedPhotos.labels, manifest.classes));
    const changes: boolean[] = [];
    for (const path of paths.values()) {
      const photo = readFileSync(path);
      const upright = await triageOf(photo);
      const others = await Promise.all(orientations.map(async (one) => await triageOf(await turned(photo, one))));
      changes.push(...others.map((triage) => triage !== upright));
    }
    expect(changes.length).toBe(paths.size * orientations.length);
    const changed = changes.filter(Boolean).length / changes.length;
    expect(changed).toBeLessThan(0.05);
  },
  120_000,
);
