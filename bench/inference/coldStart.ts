/**
 * A process of its own, bundled as the function is: from its start to the first photo's result.
 * `node coldStart.mjs MODEL_DIRECTORY PHOTO` prints its stages as JSON, milliseconds since the process started, and the
 * CPU milliseconds of all its threads.
 */
import '../../workers/inference/startThread.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../../classifier/classifier.ts';
import { parseModelManifest } from '../../core/modelManifest.ts';

const evaluated = performance.now();
const [, , directory = '', photo = ''] = process.argv;
const manifest = parseModelManifest(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')));
const runner = createOnnxRunner(join(directory, manifest.file), manifest);
let ready = 0;
runner.then(() => {
  ready = performance.now();
});
const { timings } = await createClassifier(manifest, runner)(readFileSync(photo));
const result = performance.now();
const decoded = result - timings.inference - timings.post;
const { user, system } = process.cpuUsage();
const cpu = (user + system) / 1000;
console.log(JSON.stringify({ cpu, evaluated, modelReady: ready, decodedAndModelReady: decoded, result }));
