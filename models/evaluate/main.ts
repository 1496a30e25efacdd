import { writeFileSync } from 'node:fs';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../../classifier/classifier.ts';
import { readModelDirectory } from '../modelDirectory.ts';
import { help, type Options, parseOptions } from './options.ts';
import { jsonLine, printSet } from './printSummary.ts';
import { renderReport } from './report.ts';
import { summarizeSet } from './setSummary.ts';
import { type EvaluatedSet, evaluateSet, type SetSource } from './sets.ts';

async function evaluate({ sets, stability, model, json, report }: Options): Promise<void> {
  const { manifest, modelFile } = readModelDirectory(model);
  const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));
  const done: EvaluatedSet[] = [];
  for (const source of sets) {
    const set = await evaluateSet(source, manifest, classify, { stability, onPhoto: tell });
    done.push(set);
    const named = sets.length > 1 ? { set: set.name } : {};
    if (json) for (const one of set.evaluated) console.log(jsonLine(one, manifest.classes, named));
  }
  if (report) writeFileSync(report, renderReport(done, manifest, new Date()));
  for (const set of done) {
    const summary = summarizeSet(set, manifest);
    const named = sets.length > 1 ? { set: set.name } : {};
    console.log(json ? JSON.stringify({ ...named, summary }) : printSet(set.name, summary));
  }
  if (!json) console.log('\nMeasured on these photos alone. Not a diagnosis, and no medical device.');
}

/** On a terminal, one line that is written over. */
function tell({ name }: SetSource, done: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${done} of ${of}${done === of ? '\n' : ''}`);
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await evaluate(options);
  else console.log(help);
} catch (error) {
  console.error(`evaluate: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
