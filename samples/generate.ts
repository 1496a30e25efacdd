/** Draws the synthetic sample photo: `node samples/generate.ts`. It shows no real lesion and belongs to nobody. */
import sharp from 'sharp';
import { drawLesion } from './lesion.ts';

const [width, height] = [600, 450];
const file = new URL('synthetic-lesion.jpg', import.meta.url).pathname;
await sharp(drawLesion({ width, height, centre: [305, 222], radii: [157, 131] }), {
  raw: { width, height, channels: 3 },
})
  .jpeg({ quality: 88 })
  .toFile(file);
