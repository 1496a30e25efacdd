import { parseArgs } from 'node:util';
import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../../classifier/classifier.ts';
import { parseSet } from '../evaluate/options.ts';
import { type EvaluatedSet, evaluateSet, type SetSource } from '../evaluate/sets.ts';
import { readModelDirectory } from '../modelDirectory.ts';
import { compareSet, type Finding, type Side } from './compare.ts';

/**
 * `npm run model -- compare OLD NEW --set …`: whether a new model may take the place of an old one.
 *
 * @returns the process's exit status: 0 where every limit holds
 * @throws Error of one line for a wrong option, model or set
 */
export async function runComparison(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { set: { type: 'string', multiple: true, default: [] } },
  });
  const [old, now, ...others] = positionals;
  if (!old || !now || others.length > 0) throw new Error('compare takes two model directories, OLD and NEW');
  if (values.set.length === 0) throw new Error('compare needs photos: --set NAME=DIR,CSV');
  const sets = values.set.map(parseSet);
  const [before, after] = [await answersOf(old, sets), await answersOf(now, sets)];
  const findings = sets.map((_, index) => compareSet(before[index]!, after[index]!));
  console.log(`old  ${nameOf(before)}\nnew  ${nameOf(after)}`);
  for (const [index, { name }] of sets.entries()) console.log(render(name, findings[index] ?? []));
  const broken = findings.flat().filter(({ holds }) => !holds).length;
  console.log(
    broken === 0
      ? '\nEvery limit holds.'
      : `\n${broken} limits do not hold: the new model may not take the old one's place.`,
  );
  return broken === 0 ? 0 : 1;
}

async function answersOf(directory: string, sets: readonly SetSource[]): Promise<Side[]> {
  const { manifest, modelFile } = readModelDirectory(directory);
  const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));
  const sides: Side[] = [];
  for (const source of sets) {
    const set: EvaluatedSet = await evaluateSet(source, manifest, classify, { onPhoto: () => {}, stability: false });
    sides.push({ manifest, set });
  }
  return sides;
}

function nameOf([side]: readonly Side[]): string {
  return side ? `${side.manifest.name} ${side.manifest.version}` : '';
}

function render(name: string, findings: readonly Finding[]): string {
  const lines = findings.map(({ what, old, new: now, interval, holds, limit }) => {
    const range = interval ? ` (difference ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : '';
    return `  ${holds ? '✓' : '✗'} ${what.padEnd(40)} ${figure(old)} → ${figure(now)}${range}   ${limit}`;
  });
  return [`\n${name}`, ...lines].join('\n');
}

function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}
