import { writeFileSync } from 'node:fs';
import { createOnnxRunner } from '../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../workers/inference/classifier.ts';
import { classifyLabelled, type Evaluated, findPhotos } from './evaluate/classifyLabelled.ts';
import { readLabels } from './evaluate/labels.ts';
import { help, type Options, parseOptions } from './evaluate/options.ts';
import { jsonLine, printSummary } from './evaluate/printSummary.ts';
import { renderReport } from './evaluate/report.ts';
import { summarize } from './evaluate/summary.ts';
import { readModelDirectory } from './model/modelDirectory.ts';

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
