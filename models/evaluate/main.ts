import { writeFileSync } from 'node:fs';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../../classifier/classifier.ts';
import { classifyLabelled, type Evaluated, findPhotos } from './classifyLabelled.ts';
import { readLabels } from './labels.ts';
import { help, type Options, parseOptions } from './options.ts';
import { jsonLine, printSummary } from './printSummary.ts';
import { renderReport } from './report.ts';
import { summarize } from './summary.ts';
import { readModelDirectory } from '../modelDirectory.ts';

async function evaluate({ images, labels: labelsFile, model, json, report }: Options): Promise<void> {
  const { manifest, modelFile } = readModelDirectory(model);
  const labels = readLabels(labelsFile, manifest.classes);
  const photos = findPhotos(images, labels);
  const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));
  const evaluated: Evaluated[] = [];
  for await (const one of classifyLabelled(labels, photos, classify)) {
    evaluated.push(one);
    if (json) console.log(jsonLine(one, manifest.classes));
  }
  if (report) writeFileSync(report, renderReport(evaluated, manifest, new Date()));
  const summary = summarize(evaluated, manifest);
  console.log(json ? JSON.stringify({ summary }) : printSummary(summary));
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await evaluate(options);
  else console.log(help);
} catch (error) {
  console.error(`evaluate: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
