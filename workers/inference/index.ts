// First, so that its thread comes up while the rest loads.
import './startThread.ts';

import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { environment } from '../../adapters/environment.ts';
import { createImageStore } from '../../adapters/imageStore.ts';
import { fetchModelFile } from '../../adapters/modelFile.ts';
import type { ModelRunner } from '../../adapters/modelRunner/modelRunner.ts';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createSageMakerRunner } from '../../adapters/modelRunner/sagemaker.ts';
import { createWorkQueue } from '../../adapters/queues.ts';
import { createRequestStore } from '../../adapters/requestStore.ts';
import { createClassifier } from '../../classifier/classifier.ts';
import { parseModelManifest } from '../../core/modelManifest.ts';
import { handoverFrom } from '../handoverFromEnvironment.ts';
import { queueHandler } from '../queueHandler.ts';
import { classifyRequest } from './classifyRequest.ts';

const env = environment([
  'REQUEST_TABLE_NAME',
  'UPLOAD_BUCKET_NAME',
  'INFERENCE_QUEUE_URL',
  'ENRICHMENT_QUEUE_URL',
  'LEASE_SECONDS',
  'PHOTOS_AT_ONCE',
]);
export type Environment = typeof env;

const manifest = parseModelManifest(JSON.parse(readFileSync(new URL('manifest.json', import.meta.url), 'utf8')));

// Loading starts with the function, not with its first message. A failed load is tried anew by the next message.
let runner: Promise<ModelRunner> | undefined = loadRunner();
runner.catch(() => {});

function currentRunner(): Promise<ModelRunner> {
  runner ??= loadRunner();
  runner.catch(() => {
    runner = undefined;
  });
  return runner;
}

async function loadRunner(): Promise<ModelRunner> {
  const { SAGEMAKER_ENDPOINT_NAME } = process.env;
  if (SAGEMAKER_ENDPOINT_NAME) return createSageMakerRunner(SAGEMAKER_ENDPOINT_NAME, manifest);
  return await createOnnxRunner(modelFile(), manifest);
}

/** From S3 while the runtime loads, or else from beside this file. */
async function modelFile(): Promise<string> {
  const { MODEL_BUCKET_NAME, MODEL_KEY } = process.env;
  if (!MODEL_BUCKET_NAME || !MODEL_KEY) return fileURLToPath(new URL(manifest.file, import.meta.url));
  return await fetchModelFile(manifest, { bucketName: MODEL_BUCKET_NAME, key: MODEL_KEY, directory: tmpdir() });
}

const queue = createWorkQueue(env.INFERENCE_QUEUE_URL);
const worker = {
  requests: createRequestStore(env.REQUEST_TABLE_NAME),
  images: createImageStore(env.UPLOAD_BUCKET_NAME),
  handover: handoverFrom(process.env),
  enrichmentQueue: createWorkQueue(env.ENRICHMENT_QUEUE_URL),
  classify: (bytes: Uint8Array) => createClassifier(manifest, currentRunner())(bytes),
  leaseSeconds: Number(env.LEASE_SECONDS),
  now: () => new Date(),
};

export const handler = queueHandler({
  process: (requestId, { messageId }) => classifyRequest(worker, requestId, messageId),
  // While photos are in the model, the next ones are fetched and decoded; more would only fill the memory.
  concurrency: Number(env.PHOTOS_AT_ONCE),
  queue,
});
