import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Update } from '../../client/request.ts';
import { drawNonLesion } from '../../samples/nonLesions.ts';
import { goldenFile, hasRealPhotos, imagesDir, samplePhoto, useCloud } from '../support/cloud.ts';

const run = useCloud();

describe('a photo', () => {
  test('goes all the way, and each status is pushed to a client that reads nothing', async () => {
    const updates: Update[] = [];
    const options = { describe: true, reads: false, onUpdate: (update: Update) => updates.push(update) };
    const result = await run.clientOf('alice').classify(samplePhoto, options);

    expect(updates.map(({ request, via }) => [request.status, request.version, via])).toEqual([
      ['PENDING', 1, 'push'],
      ['PROCESSING', 2, 'push'],
      ['AWAITING_DESCRIPTION', 3, 'push'],
      ['COMPLETED', 4, 'push'],
    ]);
    expect(result.description).toMatchObject({ source: 'openai', input: 'handover', language: 'en' });
    expect(result.description?.text).toContain(result.disclaimer);
    expect(result.predictions).toHaveLength(7);
    expect(result.predictions?.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
  });

  test('is COMPLETED without a description where none was asked for', async () => {
    const result = await run.clientOf('alice').classify(samplePhoto);
    expect(result).toMatchObject({ status: 'COMPLETED', version: 3, description: null, attempt: 1 });
    expect(result.heatmap).toMatchObject({ rows: 7, columns: 7, left: 75, top: 0, size: 450 });
  });

  test('is described in the language asked for', async () => {
    const result = await run.clientOf('alice').classify(samplePhoto, { describe: true, locale: 'de' });
    expect(result.disclaimer).toBe(
      'Dies ist keine Diagnose. Nur eine Ärztin oder ein Arzt kann nach einer Untersuchung eine stellen.',
    );
    expect(result.description?.text).toContain(result.disclaimer);
  });

  test('reads the same through getResult, watch and list as it was pushed', async () => {
    const client = run.clientOf('carol');
    const pushed = await client.classify(samplePhoto, { reads: false, reference: 'left-arm.1' });
    expect(await client.result(pushed.requestId)).toEqual(pushed);
    expect((await client.list()).items).toEqual([pushed]);
    const seen: Update[] = [];
    for await (const update of client.watch(pushed.requestId)) seen.push(update);
    expect(seen.at(-1)?.request).toEqual(pushed);
  });
});

describe('a picture that is no dermoscopy photo', () => {
  test('gets no class, no map and no LLM, but is told so in the language asked for', async () => {
    const result = await run
      .clientOf('alice')
      .classify(new Uint8Array(await drawNonLesion('face', 0)), { describe: true, locale: 'de' });
    expect(result).toMatchObject({ status: 'COMPLETED', predictions: [], heatmap: null });
    expect(result.assessment).toMatchObject({ triage: 'INCONCLUSIVE', confidence: 'NONE', malignantProbability: null });
    expect(result.assessment?.notices.map(({ code }) => code)).toContain('NOT_DERMOSCOPY');
    expect(result.description).toMatchObject({ source: 'template', fallbackReason: 'inconclusive', model: null });
    expect(result.description?.text).toMatch(/^Das Bild sieht nicht wie ein Foto durch ein Dermatoskop aus/);
    expect(result.description?.text).toContain(result.disclaimer);
  });
});

describe.skipIf(!hasRealPhotos)('real dermoscopy photos (skipped without ../shared/images)', () => {
  interface Golden {
    images: Record<string, { dx: string; probabilities: Record<string, number> }>;
  }

  test('three at once get the reference probabilities, each its own', async () => {
    const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as Golden;
    const client = run.clientOf('bob');
    const ids = Object.keys(golden.images).slice(0, 3);
    const results = await Promise.all(
      ids.map((id) => client.classify(new Uint8Array(readFileSync(join(imagesDir, `${id}.jpg`))), { reference: id })),
    );
    for (const [index, id] of ids.entries()) {
      for (const { code, probability } of results[index]?.predictions ?? []) {
        expect(probability).toBeCloseTo(golden.images[id]!.probabilities[code]!, 2);
      }
      expect(results[index]).toMatchObject({ status: 'COMPLETED', reference: id });
    }
  });
});

describe('the model', () => {
  test('is described with what was measured of it', async () => {
    const model = await run.clientOf('alice').model();
    expect(model).toMatchObject({ name: 'ham10000-mobilenetv2', version: '2.1.0', license: 'CC-BY-NC-4.0' });
    expect(model.classes.map(({ code }) => code)).toEqual(['akiec', 'bcc', 'bkl', 'df', 'mel', 'nv', 'vasc']);
    expect(model).toMatchObject({ views: 4, modality: { threshold: 0.385, doubtful: 0.748 } });
    expect(model.trainingPrior.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 2);
    const official = model.measured.find(({ dataset }) => dataset === 'officialTest');
    expect(official).toMatchObject({ n: 1512, accuracy: 0.8208, accuracyInterval: { low: 0.8029, high: 0.8393 } });
    expect(model.operatingPoints[0]).toMatchObject({ sensitivityInterval: { low: 0.905, high: 0.96 } });
    expect(model.intendedUse).toMatch(/not for diagnosis/i);
  });
});
