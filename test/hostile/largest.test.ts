import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flatJpeg, flatProgressiveJpeg, solid } from '../../adapters/testing/pictures.ts';
import type { Request } from '../../client/request.ts';
import { useCloud } from '../support/cloud.ts';
import { peakMemory } from './peakMemory.ts';

const run = useCloud();

/** As many as one invocation gets. */
const atOnce = 6;
/** Of the function, megabytes; see infra/constructs/inferenceWorker.ts. */
const limit = 3008;

/** Each just within what is taken of its kind. */
const largest = {
  'a JPEG of 200 megapixels': async () => flatJpeg(16_000, 12_500),
  'a progressive JPEG of 66 megapixels': async () => flatProgressiveJpeg(8192, 8128),
  'a WebP of 50 megapixels': async () =>
    solid(7000, 7000, [180, 90, 60], 4).webp({ lossless: true, effort: 0 }).toBuffer(),
  'an interlaced PNG of 50 megapixels and 16 bits': async () =>
    solid(7000, 7000, [180, 90, 60], 4)
      .toColourspace('rgb16')
      .png({ progressive: true, compressionLevel: 1 })
      .toBuffer(),
};

/** One function in one process, so that all six meet in it. */
describe('six of the largest photos at once', () => {
  let memory: ReturnType<typeof peakMemory>;
  beforeAll(() => {
    memory = peakMemory(() => run.cloud.functions.get('inference')?.pids() ?? []);
  });
  afterAll(() => memory.stop());

  test.each(Object.entries(largest))('%s are classified, within the memory of the function', async (name, make) => {
    const photo = new Uint8Array(await make());
    const client = run.clientOf(name.replaceAll(/\W/g, ''));
    const ended = await Promise.all(Array.from({ length: atOnce }, () => client.classify(photo)));
    expect(ended.map(({ status, attempt }: Request) => [status, attempt])).toEqual(
      Array.from({ length: atOnce }, () => ['COMPLETED', 1]),
    );
    memory.look();
    expect(memory.megabytes()).toBeLessThan(limit);
  });
});
