import { afterAll, beforeAll, vi } from 'vitest';
import { createOnnxRunner } from './onnx.ts';
import { createSageMakerRunner } from './sagemaker.ts';
import { describeModelRunner } from './testing/runnerContract.ts';
import { startSageMakerEndpoint } from './testing/sageMakerEndpoint.ts';

beforeAll(() => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

describeModelRunner('onnxruntime in threads of this process', async (directory, manifest) => {
  const runner = await createOnnxRunner(`${directory}/${manifest.file}`, manifest, 2);
  return { runner, stop: async () => {} };
});

describeModelRunner('SageMaker endpoint, its container as a plain process', async (directory, manifest) => {
  const endpoint = await startSageMakerEndpoint('lesions', directory);
  vi.stubEnv('AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME', endpoint.url);
  return { runner: createSageMakerRunner('lesions', manifest), stop: endpoint.stop };
});
