import { readFileSync } from 'node:fs';
import sharp from 'sharp';

const sample = new URL('../../samples/synthetic-lesion.jpg', import.meta.url);

export interface Photos {
  /** 600 × 450, as in HAM10000. */
  small: Buffer;
  /** 4000 × 3000, as a phone takes it. */
  large: Buffer;
}

/** Both from the synthetic sample, with a camera's noise in the large one: without it, it would decode too easily. */
export async function makePhotos(): Promise<Photos> {
  const small = readFileSync(sample);
  const [width, height] = [4000, 3000];
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 12 };
  const grain = await sharp({ create: { width, height, channels: 3, background: 'grey', noise } })
    .png()
    .toBuffer();
  const large = await sharp(small)
    .resize(width, height)
    .composite([{ input: grain, blend: 'overlay' }])
    .jpeg({ quality: 85 })
    .toBuffer();
  return { small, large };
}
