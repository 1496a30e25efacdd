import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod';
import { decodeImage } from '../../adapters/imageDecoder.ts';
import type { Request } from '../../client/request.ts';
import { readTemplate } from '../../cloud/template/template.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';
import { peakMemory } from './peakMemory.ts';
import { cases } from './pictures.ts';

const run = useCloud();

const names = Object.keys(cases);
const fairPhotos = 10;
const results = new Map<string, Request>();
let others: Request[] = [];
let memory: ReturnType<typeof peakMemory>;

/** All in one go, so that they meet in the same batches; two users, for nobody may submit so many in a minute. */
beforeAll(async () => {
  memory = peakMemory(() => run.cloud.functions.get('inference')?.pids() ?? []);
  const senders = ['mallory', 'trudy'].map((user) => run.clientOf(user));
  const keys = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const bytes = new Uint8Array(await cases[name]!.make());
    keys.set(name, await senders[index % 2]!.upload(bytes, { contentType: 'image/jpeg' }));
  }
  const alice = run.clientOf('alice');
  const fair = Promise.all(Array.from({ length: fairPhotos }, () => alice.classify(samplePhoto)));
  await Promise.all(
    names.map(async (name, index) => {
      const client = senders[index % 2]!;
      const { requestId } = await client.submitKey(keys.get(name) ?? '');
      for await (const { request } of client.watch(requestId)) results.set(name, request);
    }),
  );
  others = await fair;
  memory.stop();
});

function resultOf(name: string): Request {
  const result = results.get(name);
  if (!result) throw new Error(`${name} has not ended`);
  return result;
}

describe('a fair photo', () => {
  const fair = names.flatMap((name) => ('twin' in cases[name]! ? [[name, cases[name].twin] as const] : []));
  const model = { width: 224, height: 224 };

  test.each(fair)('%s reaches the model as its twin does', async (name, { of, levels }) => {
    const [found, wanted] = await Promise.all(
      [cases[name]!.make(), of()].map(async (bytes) => (await decodeImage(await bytes, model)).rgb),
    );
    const off = found!.reduce((most, value, index) => Math.max(most, Math.abs(value - wanted![index]!)), 0);
    expect(off).toBeLessThanOrEqual(levels);
  });

  test.each(fair)('%s is classified, upright', (name, { width, height }) => {
    expect(resultOf(name)).toMatchObject({
      status: 'COMPLETED',
      attempt: 1,
      imageQuality: { width, height },
      error: null,
    });
  });

  const alike = fair.filter(([, { levels, of }]) => levels === 0 && of() === samplePhoto);

  test.each(alike)('%s has the probabilities of the sample, to the last digit', (name) => {
    expect(resultOf(name).predictions).toEqual(resultOf('a JPEG').predictions);
  });
});

describe('what is no fair photo', () => {
  const bad = names.flatMap((name) => ('code' in cases[name]! ? [[name, cases[name]] as const] : []));

  test.each(bad)('%s FAILED at once, with a code and what to do', (name, { code, says }) => {
    const request = resultOf(name);
    expect(request).toMatchObject({ status: 'FAILED', attempt: 1, predictions: [], heatmap: null });
    expect(request.error).toEqual({ code, message: expect.stringMatching(says), retryable: false });
  });

  test('an empty file is not even uploaded', async () => {
    const empty = run.clientOf('mallory').upload(new Uint8Array(0), { contentType: 'image/jpeg' });
    await expect(empty).rejects.toMatchObject({ code: 'UnsupportedImage', message: expect.stringMatching(/empty/) });
  });
});

describe('the function that reads them all', () => {
  test('serves the fair photos of others in between', () => {
    expect(others.map(({ status, attempt }) => [status, attempt])).toEqual(
      Array.from({ length: fairPhotos }, () => ['COMPLETED', 1]),
    );
  });

  test('stays within its memory throughout', () => {
    const properties = z.object({ Description: z.string().optional(), MemorySize: z.number() });
    const functions = readTemplate(inject('assemblyDir')).resources.filter(
      ({ type }) => type === 'AWS::Lambda::Function',
    );
    const inference = functions.find(({ logicalId }) => logicalId.startsWith('inference'));
    const limit = properties.parse(inference?.properties).MemorySize;
    expect(memory.megabytes()).toBeGreaterThan(100);
    expect(memory.megabytes()).toBeLessThan(limit);
  });

  test('neither dies of them nor runs out of time', () => {
    const lines = readFileSync(join(run.cloud.logDir, 'inference.log'), 'utf8').split('\n');
    expect(lines.filter((line) => /"level":"error"|goes back to the queue/.test(line))).toEqual([]);
    expect(memory.processes()).toBeLessThanOrEqual(run.cloud.functions.get('inference')?.concurrency ?? 0);
  });
});
