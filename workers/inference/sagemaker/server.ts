/**
 * What the container of `inference=sagemaker` runs, or a plain process in its place. Environment: HOST (127.0.0.1),
 * PORT (8080), MODEL_DIRECTORY (where SageMaker unpacks the model, else the one in the image).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnnxRunner } from '../../../adapters/modelRunner/onnx.ts';
import { parseModelManifest } from '../../../core/modelManifest.ts';
import { startInvocationServer } from './invocationServer.ts';

const { HOST = '127.0.0.1', PORT = '8080', MODEL_DIRECTORY } = process.env;
const places = MODEL_DIRECTORY ? [MODEL_DIRECTORY] : ['/opt/ml/model', join(import.meta.dirname, 'model')];
const directory = places.find((place) => existsSync(join(place, 'manifest.json')));
if (!directory) throw new Error(`There is no manifest.json in ${places.join(' or ')}`);

const manifest = parseModelManifest(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')));
const runner = createOnnxRunner(join(directory, manifest.file), manifest);
// Without its model a container is no use: SageMaker starts another one, and shows this one's last words.
runner.catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

const server = await startInvocationServer({ manifest, runner, host: HOST, port: Number(PORT) });
console.log(JSON.stringify({ listening: server.url, model: `${manifest.name} ${manifest.version}` }));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.stop());
