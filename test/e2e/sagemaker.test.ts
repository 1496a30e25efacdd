import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../client/createClient.ts';
import type { LesionClient } from '../../client/lesionClient.ts';
import { type Product, startProduct } from '../../local/product.ts';
import { goldenFile, hasRealPhotos, imagesDir, onAws, samplePhoto } from '../support/cloud.ts';

/** Never pulled: the run starts what is in it. */
const sagemakerImage = '123456789012.dkr.ecr.us-east-1.amazonaws.com/lesion-model:1.0.0';
const invokeEndpoint = 'sagemaker:InvokeEndpoint';

interface Golden {
  images: Record<string, { probabilities: Record<string, number> }>;
}

describe.skipIf(onAws)('with inference=sagemaker (skipped with TARGET=aws: the deployment chooses there)', () => {
  let cloud: Product;
  let client: LesionClient;

  beforeAll(async () => {
    cloud = await startProduct({ context: { inference: 'sagemaker', sagemakerImage, apiKey: 'true' } });
    client = createClient({ graphqlUrl: cloud.config.graphqlUrl, token: () => cloud.token('alice') });
  });
  afterAll(async () => {
    client?.close();
    await cloud?.stop();
  });

  test('a photo is COMPLETED through an endpoint that was cold, with the numbers that the function itself gets', async () => {
    expect(cloud.faults.sageMaker.pids()).toEqual([]);
    const request = await client.classify(samplePhoto, { describe: true });
    expect(request).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    expect(request.predictions?.[0]).toMatchObject({ code: 'nv', probability: expect.closeTo(0.7982, 3) });
    expect(request.heatmap).toMatchObject({ rows: 7, columns: 7 });
    expect(request.description).toMatchObject({ source: 'openai', input: 'handover' });
    expect(cloud.faults.sageMaker.pids()).toHaveLength(1);
  });

  test('six at once are all COMPLETED by the one process', async () => {
    const [pid] = cloud.faults.sageMaker.pids();
    const requests = await Promise.all(Array.from({ length: 6 }, () => client.classify(samplePhoto)));
    for (const { predictions } of requests) expect(predictions?.[0]?.probability).toBeCloseTo(0.7982, 3);
    expect(cloud.faults.sageMaker.pids()).toEqual([pid]);
  });

  test('a container that is killed is no more than a cold start for the next request', async () => {
    const [pid = 0] = cloud.faults.sageMaker.pids();
    process.kill(pid, 'SIGKILL');
    const request = await client.classify(samplePhoto);
    expect(request.predictions?.[0]?.probability).toBeCloseTo(0.7982, 3);
    expect(cloud.faults.sageMaker.pids()).not.toContain(pid);
  });

  test('a container that is killed at work costs its request time alone: the message comes back', async () => {
    const [pid = 0] = cloud.faults.sageMaker.pids();
    const called = Promise.withResolvers<void>();
    cloud.faults.gateway(async ({ service }) => {
      if (service === 'sagemaker') called.resolve();
      return undefined;
    });
    // Stopped, it takes the invocation and does not get to answering it.
    process.kill(pid, 'SIGSTOP');
    const classified = client.classify(samplePhoto);
    await called.promise;
    process.kill(pid, 'SIGKILL');
    const request = await classified;
    cloud.faults.gateway(undefined);
    expect(request).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(request.predictions?.[0]?.probability).toBeCloseTo(0.7982, 3);
  });

  test('what the roles grant is enough: the endpoint is invoked, the archive read, nothing refused', () => {
    expect(cloud.iam.refused()).toEqual([]);
    const used = cloud.iam.grants().filter(({ used }) => used);
    const endpoint = cloud.iam.grants().filter(({ action }) => action === invokeEndpoint);
    expect(endpoint).toEqual([
      expect.objectContaining({ used: true, resource: expect.stringMatching(/:endpoint\/\w+$/) }),
    ]);
    const ofSageMaker = used.filter(({ accessKeyId }) => accessKeyId.startsWith('AKIALOCALEndpointRole'));
    expect(ofSageMaker.map(({ action }) => action)).toEqual(['s3:GetObject']);
  });

  describe.skipIf(!hasRealPhotos)('real dermoscopy photos (skipped without ../shared/images)', () => {
    test('get the reference probabilities, each its own', async () => {
      const golden: Golden = JSON.parse(readFileSync(goldenFile, 'utf8'));
      const chosen = Object.entries(golden.images).filter((_, index) => index % 12 === 0);
      expect(chosen.length).toBeGreaterThan(3);
      await Promise.all(
        chosen.map(async ([id, { probabilities }]) => {
          const { predictions = [] } = await client.classify(
            new Uint8Array(readFileSync(join(imagesDir, `${id}.jpg`))),
          );
          expect(predictions).toHaveLength(7);
          for (const { code, probability } of predictions ?? [])
            expect(Math.abs(probability - probabilities[code]!)).toBeLessThan(0.02);
        }),
      );
    });
  });
});
