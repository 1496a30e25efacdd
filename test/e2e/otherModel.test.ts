import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDemo } from '../../cli/demo.ts';
import { createClient } from '../../client/createClient.ts';
import type { LesionClient } from '../../client/lesionClient.ts';
import { type Product, startProduct } from '../../local/product.ts';
import { type TinyModelOptions, writeTinyModel } from '../../models/testing/tinyModel.ts';
import { onAws, samplePhoto } from '../support/cloud.ts';
import { giveUpAfterOneReceive } from '../support/giveUpAfterOneReceive.ts';

// The app takes models from inside the repository alone.
const root = join(import.meta.dirname, '../..');
mkdirSync(join(root, '.build'), { recursive: true });
const directory = mkdtempSync(join(root, '.build/other-models-'));
afterAll(() => rmSync(directory, { recursive: true }));

const sampleTimes = (light: number) => sharp(samplePhoto).linear(light, 0).jpeg().toBuffer();

/** The whole API with a model that the reference model shares nothing with: three classes, 32 × 32 floats, other names. */
function withTinyModel(name: string, options: TinyModelOptions) {
  const modelDirectory = join(directory, name);
  let cloud: Product;
  let client: LesionClient;
  beforeAll(async () => {
    writeTinyModel(modelDirectory, options);
    cloud = await startProduct({ context: { modelDirectory: relative(root, modelDirectory) } });
    client = createClient({ graphqlUrl: cloud.config.graphqlUrl, token: () => cloud.token('alice') });
    await giveUpAfterOneReceive(cloud, 'Inference');
  });
  afterAll(async () => {
    client?.close();
    await cloud?.stop();
  });
  return { client: () => client, cloud: () => cloud };
}

describe.skipIf(onAws)(
  'another model, by its files alone (skipped with TARGET=aws: one model is deployed there)',
  () => {
    const run = withTinyModel('tiny', { fault: 'throwsOnBright' });

    test('is what the API tells of itself', async () => {
      const model = await run.client().model();
      expect(model).toMatchObject({ name: 'tiny', version: '0.0.1' });
      expect(model.classes).toMatchObject([
        { code: 'mel' },
        { code: 'nv' },
        { code: 'scc', icd10: 'C44', malignant: true },
      ]);
    });

    test('classifies, triages by its own operating points, and shows where it looked', async () => {
      const request = await run.client().classify(await sampleTimes(0.6), { describe: true });
      expect(request).toMatchObject({ status: 'COMPLETED', model: { name: 'tiny', version: '0.0.1' } });
      expect(request.predictions?.map(({ code }) => code).sort()).toEqual(['mel', 'nv', 'scc']);
      expect(request.assessment?.operatingPoints.map(({ name }) => name)).toEqual(['malignant-90', 'malignant-70']);
      expect(request.heatmap).toMatchObject({ rows: 4, columns: 4 });
      expect(request.description?.text).toContain('Squamous cell carcinoma');
    });

    test('goes through the demo', async () => {
      const photo = join(directory, 'photo.jpg');
      writeFileSync(photo, await sampleTimes(0.5));
      let shown = '';
      const out = { write: (text: string) => (shown += text) };
      const { graphqlUrl } = run.cloud().config;
      expect(await runDemo({ graphqlUrl, token: () => run.cloud().token('bob') }, [photo], { out })).toBe(0);
      for (const text of ['by tiny 0.0.1', 'malignant-70', 'Squamous cell carcinoma', 'Where the model looked'])
        expect(shown).toContain(text);
    });

    test('that throws at a photo has it FAILED, to be retried, and the next one is served', async () => {
      const [bright, dark] = await Promise.all([
        run.client().classify(await sampleTimes(1.5)),
        run.client().classify(await sampleTimes(0.5)),
      ]);
      expect(bright).toMatchObject({ status: 'FAILED', error: { code: 'InferenceFailed', retryable: true } });
      expect(dark).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    });
  },
);

describe.skipIf(onAws)('a model that returns NaN (skipped with TARGET=aws: one model is deployed there)', () => {
  const run = withTinyModel('nan', { fault: 'nan' });

  test('never gives a result: its photos are FAILED, one as the other', async () => {
    for (const _ of [1, 2]) {
      const failed = await run.client().classify(await sampleTimes(1));
      expect(failed).toMatchObject({ status: 'FAILED', error: { code: 'InferenceFailed' }, predictions: [] });
    }
  });
});
