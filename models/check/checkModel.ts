import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage } from '../../adapters/imageDecoder.ts';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createSessionPool } from '../../adapters/modelRunner/sessionPool.ts';
import type { SessionInfo, TensorInfo } from '../../adapters/modelRunner/sessionThread.ts';
import { type ModelManifest, viewCountOf } from '../../core/modelManifest.ts';
import { averageProbabilities } from '../../core/probabilities.ts';
import { modelFileProblems, readModelDirectory } from '../modelDirectory.ts';
import { describableProblems } from './describable.ts';
import { intervalProblems, priorProblems } from './figures.ts';
import { opsetOf } from './opset.ts';

export interface ModelReport {
  /** What was found. */
  facts: string[];
  /** What keeps the model from being used, one line each. */
  problems: string[];
  /** What the manifest or the model lacks, and what the service then cannot do. */
  lacking: string[];
}

const sample = new URL('../../samples/synthetic-lesion.jpg', import.meta.url);

/** Looks at everything that a model directory must have, and runs the model. Never throws. */
export async function checkModel(directory: string): Promise<ModelReport> {
  const report: ModelReport = { facts: [], problems: [], lacking: [] };
  const model = attempt(report, () => readModelDirectory(directory));
  if (!model) return report;
  const { manifest, modelFile } = model;
  report.facts.push(`${manifest.name} ${manifest.version}, classes ${manifest.classes.join(', ')}`);
  checkFile(report, modelFile, manifest);
  await checkSession(report, modelFile, manifest);
  checkThresholds(report, manifest);
  report.problems.push(...describableProblems(manifest));
  report.lacking.push(...lackingIn(manifest, directory));
  return report;
}

function checkFile(report: ModelReport, modelFile: string, manifest: ModelManifest): void {
  const bytes = readFileSync(modelFile);
  report.problems.push(...modelFileProblems({ manifest, modelFile }));
  const opset = attempt(report, () => opsetOf(bytes), `${manifest.file} is no ONNX file`);
  report.facts.push(`${manifest.file}: ${bytes.length} bytes, opset ${opset ?? 'unknown'}`);
}

async function checkSession(report: ModelReport, modelFile: string, manifest: ModelManifest): Promise<void> {
  try {
    const { info, stop } = await createSessionPool(modelFile, 1);
    stop();
    report.facts.push(
      `inputs ${info.inputs.map(shapeText).join(', ')}; outputs ${info.outputs.map(shapeText).join(', ')}`,
    );
    report.problems.push(...shapeProblems(info, manifest));
    await run(report, modelFile, manifest);
  } catch (error) {
    report.problems.push(`${manifest.file}: ${messageOf(error)}`);
  }
}

/** The sample twice: the first run of a session is slower. */
async function run(report: ModelReport, modelFile: string, manifest: ModelManifest): Promise<void> {
  const runner = await createOnnxRunner(modelFile, manifest, 1);
  const { rgb } = await decodeImage(readFileSync(sample), manifest.input);
  await runner.run(rgb);
  const start = performance.now();
  const { logits, activation, distance, modality } = await runner.run(rgb);
  const milliseconds = (performance.now() - start).toFixed(1);
  const probabilities = averageProbabilities(logits, manifest.temperature);
  const sum = probabilities.reduce((total, probability) => total + probability, 0);
  if (Math.abs(sum - 1) > 1e-6) report.problems.push(`the probabilities sum to ${sum}`);
  const first = manifest.classes[probabilities.indexOf(Math.max(...probabilities))];
  const grid = activation ? `, activation ${activation.rows}×${activation.columns}` : '';
  const away = distance === null ? '' : `, distance ${distance.toFixed(2)}`;
  const looks = modality === null ? '' : `, modality ${modality.toFixed(2)}`;
  const views = logits.length === 1 ? '' : ` in ${logits.length} views`;
  report.facts.push(
    `runs in ${milliseconds} ms${views}; the synthetic sample gives ${first}${grid}${away}${looks}; probabilities sum to 1`,
  );
}

function shapeProblems({ inputs, outputs }: SessionInfo, manifest: ModelManifest): string[] {
  const { input, outputs: named, classes } = manifest;
  const { width, height, layout } = input;
  const image = layout === 'NHWC' ? [1, height, width, 3] : [1, 3, height, width];
  const found = inputs.find((one) => one.name === input.name);
  const typeProblem =
    found && found.type !== input.type
      ? [`input "${input.name}" takes ${found.type}, the manifest says ${input.type}`]
      : [];
  return [
    ...typeProblem,
    ...unlike(found, image),
    ...unlike(
      outputs.find((one) => one.name === named.logits),
      [1, classes.length],
    ),
    ...unlike(
      outputs.find((one) => one.name === named.activation),
      [1, classes.length, null, null],
    ),
    ...unlike(
      outputs.find((one) => one.name === named.distance),
      [1],
    ),
    ...unlike(
      outputs.find((one) => one.name === named.modality),
      [1],
    ),
  ];
}

/** A name in a shape is a size left open, as a batch should be. Names that are missing are found when the model runs. */
function unlike(tensor: TensorInfo | undefined, wanted: readonly (number | null)[]): string[] {
  if (!tensor) return [];
  const fits =
    tensor.shape.length === wanted.length &&
    tensor.shape.every(
      (size, index) => typeof size === 'string' || size < 0 || wanted[index] === null || size === wanted[index],
    );
  const expected = wanted.map((size) => size ?? '?').join(', ');
  return fits ? [] : [`${shapeText(tensor)} does not fit [${expected}], as the manifest describes it`];
}

function shapeText({ name, type, shape }: TensorInfo): string {
  return `${name} ${type} [${shape.join(', ')}]`;
}

function checkThresholds({ problems, facts }: ModelReport, manifest: ModelManifest): void {
  const { operatingPoints, distance, modality } = manifest;
  for (const { name, threshold, validation, officialTest } of operatingPoints) {
    if (threshold <= 0 || threshold >= 1)
      problems.push(`operating point "${name}": threshold ${threshold} is not between 0 and 1`);
    if (!validation && !officialTest)
      problems.push(`operating point "${name}" has no measured sensitivity and specificity`);
  }
  if (distance && distance.unusual > distance.foreign) problems.push('distance: unusual lies above foreign');
  if (modality && modality.threshold <= 0) {
    problems.push(`modality: nothing lies below the threshold ${modality.threshold}, so every photo gets a class`);
  }
  problems.push(...priorProblems(manifest), ...intervalProblems(manifest));
  const views = viewCountOf(manifest);
  if (views > 1) facts.push(`${views} views of each photo, averaged`);
  if (modality)
    facts.push(`no class below modality ${modality.threshold}, nothing reassures below ${modality.doubtful ?? 'it'}`);
  facts.push(`operating points ${operatingPoints.map((point) => `${point.name} ≥ ${point.threshold}`).join(', ')}`);
}

function lackingIn(
  { outputs, distance, modality, metrics, trainingPrior, license, trainedOn, intendedUse }: ModelManifest,
  directory: string,
): string[] {
  const lacking: Record<string, boolean> = {
    'no activation output: results carry no heatmap': !outputs.activation,
    'no distance output: a picture that is no lesion gets a class, and confidence is never HIGH': !outputs.distance,
    'a distance output but no distance thresholds in the manifest: it is shown but nothing follows from it':
      Boolean(outputs.distance) && !distance,
    'no modality output: a phone photo gets a class, as if it were dermoscopy': !outputs.modality,
    'a modality output but no modality thresholds in the manifest: it is shown but nothing follows from it':
      Boolean(outputs.modality) && !modality,
    'no trainingPrior: nobody can weigh the probabilities for another mix of classes': !trainingPrior,
    'no metrics: getModel tells nothing measured': Object.keys(metrics).length === 0,
    'no license': !license,
    'no trainedOn': !trainedOn,
    'no intendedUse: the general one is shown': !intendedUse,
    'no MODEL_CARD.md': !existsSync(join(directory, 'MODEL_CARD.md')),
  };
  return Object.keys(lacking).filter((what) => lacking[what]);
}

/** What the task throws becomes problems, one for each line of it. */
function attempt<Value>({ problems }: ModelReport, task: () => Value, prefix?: string): Value | undefined {
  try {
    return task();
  } catch (error) {
    const lines = messageOf(error)
      .split('\n')
      .map((line) => line.trim());
    problems.push(...lines.filter(Boolean).map((line) => (prefix ? `${prefix}: ${line}` : line)));
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
