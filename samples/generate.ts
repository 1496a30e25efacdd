/** Draws the synthetic sample photo: `node samples/generate.ts`. It shows no real lesion and belongs to nobody. */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { drawLesion } from './lesion.ts';

const [width, height] = [600, 450];
const raw = { width, height, channels: 3 } as const;
const file = fileURLToPath(new URL('synthetic-lesion.jpg', import.meta.url));
await sharp(drawLesion({ width, height, centre: [305, 222], radii: [157, 131] }), { raw })
  .jpeg({ quality: 88 })
  .toFile(file);
