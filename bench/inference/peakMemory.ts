/** `node bench/inference/peakMemory.ts PHOTO`: most memory that a process with nothing but the classifier ever had, MB. */
import { readFileSync } from 'node:fs';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../../classifier/classifier.ts';
import { readModelDirectory, referenceModel } from '../../models/modelDirectory.ts';
import { photosAtOnce } from './queue.ts';

const { manifest, modelFile } = readModelDirectory(referenceModel);
const photo = readFileSync(process.argv[2] ?? '');
await photosAtOnce(
  new Array<Buffer>(100).fill(photo),
  createClassifier(manifest, createOnnxRunner(modelFile, manifest)),
);
console.log(Math.round(process.resourceUsage().maxRSS / 1024));
