import sharp from 'sharp';
import { aspect, type Painting, type Random, seeded } from './nonLesions/drawing.ts';
import * as patterns from './nonLesions/patterns.ts';
import * as scenes from './nonLesions/scenes.ts';

/** Pictures that show no skin lesion, drawn by us: a painter for each kind, which chance makes a little different. */
const painters: Readonly<Record<string, (random: Random) => Painting>> = { ...patterns, ...scenes };

export interface NonLesionKind {
  name: string;
  /** Never looked at when a threshold is chosen: whether the thresholds hold is seen on these. */
  heldOut: boolean;
}

/** Every second one by name is held out: settled before any of them was shown to the model. */
export const nonLesionKinds: readonly NonLesionKind[] = Object.keys(painters)
  .sort()
  .map((name, index) => ({ name, heldOut: index % 2 === 1 }));

const width = 400;
const height = width / aspect;

/**
 * The same kind and variant give the same picture. Half of the variants are sharp as a screenshot, half have the noise
 * of a camera.
 *
 * @param variant 0, 1, 2 …
 * @returns JPEG, 400 × 300
 */
export async function drawNonLesion(kind: string, variant: number): Promise<Buffer> {
  const painter = painters[kind];
  if (!painter) throw new Error(`There is no non-lesion kind "${kind}"`);
  const random = seeded(variant * 1000 + Object.keys(painters).sort().indexOf(kind));
  const painting = painter(random);
  const grain = variant % 2 === 0 ? 0 : 12;
  const rgb = new Uint8ClampedArray(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const colour = painting(((pixel % width) + 0.5) / height, (Math.floor(pixel / width) + 0.5) / height);
    const noise = (random() - 0.5) * grain;
    rgb.set([colour[0] + noise, colour[1] + noise, colour[2] + noise], pixel * 3);
  }
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}
