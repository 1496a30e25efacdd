import sharp, { type Sharp } from 'sharp';
import type { Classification, Classifier } from '../../classifier/classifier.ts';

/** How often the same picture gets another answer when it is turned or saved anew. */
export interface Stability {
  name: string;
  photos: number;
  triageChanged: number;
  /** Of those that show a class both times. */
  classChanged: number;
}

type Pixels = () => Sharp;

/** Each is given the upright picture. Turned ones are saved without loss, so that the turn alone is measured. */
const changes: Record<string, (pixels: Pixels) => Sharp> = {
  'turned by 90°': (pixels) => pixels().rotate(90).png(),
  'turned by 180°': (pixels) => pixels().rotate(180).png(),
  'turned by 270°': (pixels) => pixels().rotate(270).png(),
  mirrored: (pixels) => pixels().flop().png(),
  'saved as PNG': (pixels) => pixels().png(),
  'saved as WebP, lossless': (pixels) => pixels().webp({ lossless: true }),
  'saved as JPEG, 95 %': (pixels) => pixels().jpeg({ quality: 95 }),
};

/** Counts over all photos that are given to it one by one. */
export function stabilityCounter(classify: Classifier) {
  const counts = Object.keys(changes).map(
    (name): Stability => ({ name, photos: 0, triageChanged: 0, classChanged: 0 }),
  );
  return {
    counts,
    async add(bytes: Uint8Array, before: Classification): Promise<void> {
      const { data, info } = await sharp(bytes)
        .rotate()
        .toColourspace('srgb')
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const { width, height, channels } = info;
      const pixels = () => sharp(data, { raw: { width, height, channels } });
      for (const count of counts) {
        const changed = await changes[count.name]!(pixels).toBuffer();
        record(count, before, await classify(changed));
      }
    },
  };
}

function record(count: Stability, before: Classification, after: Classification): void {
  const [one, other] = [before.result, after.result];
  count.photos += 1;
  if (one.assessment.triage !== other.assessment.triage) count.triageChanged += 1;
  const [first, second] = [one.predictions[0], other.predictions[0]];
  if (first && second && first.code !== second.code) count.classChanged += 1;
}
