import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { createOnnxRunner } from '../adapters/modelRunner/onnx.ts';
import { readModelDirectory, referenceModel } from '../models/modelDirectory.ts';
import { drawLesion } from '../samples/lesion.ts';
import { createClassifier } from './classifier.ts';

const side = 450;
const raw = { raw: { width: side, height: side, channels: 3 } } as const;
const lesion = { centre: [120, 115], radii: [100, 95] } as const;
const orientations = [false, true].flatMap((mirrored) => [0, 90, 180, 270].map((turn) => ({ mirrored, turn })));

interface Point {
  x: number;
  y: number;
}

/** Clockwise, after mirroring left and right. */
function turned({ x, y }: Point, { mirrored, turn }: (typeof orientations)[number]): Point {
  let point = mirrored ? { x: side - x, y } : { x, y };
  for (let quarter = 0; quarter < turn / 90; quarter++) point = { x: side - point.y, y: point.x };
  return point;
}

async function photoOf({ mirrored, turn }: (typeof orientations)[number]): Promise<Buffer> {
  const drawn = sharp(drawLesion({ width: side, height: side, ...lesion }), raw);
  const flopped = await drawn.flop(mirrored).raw().toBuffer();
  return await sharp(flopped, raw).rotate(turn).png().toBuffer();
}

describe('a lesion in a corner of the photo', () => {
  const { manifest, modelFile } = readModelDirectory(referenceModel);
  const runner = createOnnxRunner(modelFile, manifest);

  test.each(orientations)('mirrored: $mirrored, turned by $turn°, is where the map is hottest', async (orientation) => {
    const { result } = await createClassifier(manifest, runner)(await photoOf(orientation));
    const { values, columns, rows } = result.heatmap!;
    const hottest = values.indexOf(Math.max(...values));
    const middle = {
      x: (((hottest % columns) + 0.5) / columns) * side,
      y: ((Math.floor(hottest / columns) + 0.5) / rows) * side,
    };
    const [[x, y], [across, down]] = [lesion.centre, lesion.radii];
    const centre = turned({ x, y }, orientation);
    const [width, height] = orientation.turn % 180 === 0 ? [across, down] : [down, across];
    expect(Math.hypot((middle.x - centre.x) / width, (middle.y - centre.y) / height)).toBeLessThan(1);
  });

  test('has the same probabilities whichever way up it is', async () => {
    const classify = createClassifier(manifest, runner);
    const all = await Promise.all(
      orientations.slice(0, 4).map(async (one) => (await classify(await photoOf(one))).scores),
    );
    for (const { probabilities, distance, modality } of all) {
      for (const [index, probability] of probabilities.entries()) {
        expect(probability).toBeCloseTo(all[0]!.probabilities[index]!, 2);
      }
      expect(distance).toBeCloseTo(all[0]!.distance!, 2);
      expect(modality).toBeCloseTo(all[0]!.modality!, 2);
    }
  });
});
