import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ModelManifest } from '../../../core/modelManifest.ts';
import { readModelDirectory } from '../../../models/modelDirectory.ts';
import {
  bias,
  mean,
  side,
  std,
  type TinyModelOptions,
  weights,
  writeTinyModel,
} from '../../../models/testing/tinyModel.ts';
import type { ModelRunner } from '../modelRunner.ts';

export interface Started {
  runner: ModelRunner;
  stop(): Promise<void>;
}

/** Whoever runs a model, wherever, does this. */
export function describeModelRunner(
  name: string,
  start: (directory: string, manifest: ModelManifest) => Promise<Started>,
): void {
  describe(`a model runner: ${name}`, () => {
    const root = mkdtempSync(join(tmpdir(), 'runner-'));
    const cleanUps: (() => Promise<void>)[] = [];
    let models = 0;
    afterAll(async () => {
      for (const cleanUp of cleanUps) await cleanUp();
      rmSync(root, { recursive: true });
    });

    async function runnerOf(options: TinyModelOptions = {}): Promise<ModelRunner> {
      const directory = join(root, String(++models));
      writeTinyModel(directory, options);
      const { runner, stop } = await start(directory, readModelDirectory(directory).manifest);
      cleanUps.push(stop);
      return runner;
    }

    test.each([
      { type: 'uint8', layout: 'NHWC' },
      { type: 'uint8', layout: 'NCHW' },
      { type: 'float32', layout: 'NHWC' },
      { type: 'float32', layout: 'NCHW' },
    ] as const)('feeds $type $layout as the manifest says, and gives what one gets by hand', async (input) => {
      const runner = await runnerOf(input);
      const rgb = picture(7);
      const expected = byHand(rgb);
      const { logits, activation, distance } = await runner.run(rgb);
      expectClose(logits[0]!, expected.logits);
      expect(activation).toMatchObject({ rows: 4, columns: 4 });
      expectClose(activation!.data, expected.maps);
      expectClose([distance!], [expected.distance]);
    });

    test('does without activation and distance where the model has none', async () => {
      const runner = await runnerOf({ activation: false, distance: false });
      const output = await runner.run(picture(1));
      expect(output).toMatchObject({ activation: null, distance: null, modality: null });
      expectClose(output.logits[0]!, byHand(picture(1)).logits);
    });

    test.each([
      { type: 'uint8', layout: 'NHWC', views: 4 },
      { type: 'uint8', layout: 'NHWC', views: 8 },
      { type: 'uint8', layout: 'NCHW', views: 4 },
      { type: 'float32', layout: 'NHWC', views: 8 },
      { type: 'float32', layout: 'NCHW', views: 8 },
      { type: 'float32', layout: 'NCHW', views: 4, single: true },
    ] as const)('sees $views views of $type $layout, and turns their maps back', async (options) => {
      const runner = await runnerOf({ ...options, modality: true });
      const rgb = picture(3);
      const expected = byHand(rgb);
      const { logits, activation, distance, modality } = await runner.run(rgb);
      expect(logits).toHaveLength(options.views);
      // To this model a turned photo is what it was: every view gives the same, and the maps fit only if turned back.
      for (const view of logits) expectClose(view, expected.logits);
      expect(activation).toMatchObject({ rows: 4, columns: 4 });
      expectClose(activation!.data, expected.maps);
      expectClose([distance!, modality!], [expected.distance, expected.modality]);
    });

    test('keeps photos apart that come at once', async () => {
      const runner = await runnerOf({ type: 'uint8', layout: 'NHWC' });
      const pictures = Array.from({ length: 12 }, (_, seed) => picture(seed));
      const outputs = await Promise.all(pictures.map((rgb) => runner.run(rgb)));
      for (const [index, rgb] of pictures.entries()) expectClose(outputs[index]!.logits[0]!, byHand(rgb).logits);
    });

    test('fails where the model fails, and serves the next photo', async () => {
      const runner = await runnerOf({ fault: 'throwsOnBright' });
      const [dark, bright] = [new Uint8Array(side * side * 3), new Uint8Array(side * side * 3).fill(250)];
      await expect(runner.run(bright)).rejects.toThrow();
      expectClose((await runner.run(dark)).logits[0]!, byHand(dark).logits);
      const mixed = await Promise.allSettled([bright, dark, bright, dark].map((rgb) => runner.run(rgb)));
      expect(mixed.map((one) => one.status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    });

    test('fails where the model returns NaN', async () => {
      const runner = await runnerOf({ fault: 'nan' });
      await expect(runner.run(picture(1))).rejects.toThrow();
    });

    test('fails where the model has another number of classes than the manifest', async () => {
      const classes = ['mel', 'nv'];
      const operatingPoints = [{ name: 'melanoma', classes: ['mel'], threshold: 0.5 }];
      const runner = await runnerOf({ manifest: { classes, operatingPoints } });
      await expect(runner.run(picture(1))).rejects.toThrow();
    });
  });
}

/** Every pixel another, and every seed. */
function picture(seed: number): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, index) => (index * 31 + seed * 101 + (index % 7) * 13) % 256);
}

/** What `tinyModel.ts` says the model does, pixel by pixel. */
function byHand(rgb: Uint8Array) {
  const maps = new Float64Array(3 * 16);
  let [distance, light] = [0, 0];
  for (let pixel = 0; pixel < side * side; pixel++) {
    const normal = [0, 1, 2].map((channel) => (rgb[pixel * 3 + channel]! / 255 - mean[channel]!) / std[channel]!);
    distance += normal.reduce((sum, value) => sum + Math.abs(value), 0) / (side * side * 3);
    light += normal.reduce((sum, value) => sum + value, 0) / (side * side * 3);
    const place = Math.floor(pixel / side / 8) * 4 + Math.floor((pixel % side) / 8);
    for (const [lesion, weight] of weights.entries()) {
      const score = normal.reduce((sum, value, channel) => sum + value * weight[channel]!, bias[lesion]!);
      maps[lesion * 16 + place]! += score / 64;
    }
  }
  const logits = weights.map((_, lesion) =>
    maps.subarray(lesion * 16, lesion * 16 + 16).reduce((sum, value) => sum + value / 16, 0),
  );
  return { logits, maps, distance, modality: 1 / (1 + Math.exp(-light)) };
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(found.length).toBe(wanted.length);
  const off = Array.from(found, (value, index) => Math.abs(value - wanted[index]!));
  expect(Math.max(...off)).toBeLessThan(1e-4);
}
