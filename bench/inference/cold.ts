import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import * as z from 'zod';
import { median } from '../figure.ts';
import { runNode } from '../processes.ts';
import { rounded } from './measure.ts';

// Inside the repository, where the bundles find node_modules.
const directory = fileURLToPath(new URL('../../.build/bench/inference', import.meta.url));

const stages = z.record(z.string(), z.number());

interface Start {
  /** Milliseconds from spawn to the first line. */
  milliseconds: number;
  stages: Record<string, number>;
}

export interface ColdStart {
  ratioCold: number;
  classifier: number;
  bare: number;
  /** Of the median run, milliseconds since its process started. */
  waterfall: Record<string, number>;
}

/** Both processes in turns, each as often as told. */
export async function measureColdStart(
  modelDirectory: string,
  modelFile: string,
  side: number,
  photo: string,
  rounds: number,
): Promise<ColdStart> {
  await bundle();
  const ours: Start[] = [];
  const bare: Start[] = [];
  for (let round = 0; round <= rounds; round++) {
    const pair = [
      await start('bareStart.mjs', [modelFile, String(side)]),
      await start('coldStart.mjs', [modelDirectory, photo]),
    ] as const;
    // The first pair fills the file cache.
    if (round > 0) bare.push(pair[0]) && ours.push(pair[1]);
  }
  rmSync(directory, { recursive: true });
  const [mine, reference] = [median(ours.map((one) => one.milliseconds)), median(bare.map((one) => one.milliseconds))];
  const typical = ours.toSorted((a, b) => a.milliseconds - b.milliseconds)[Math.floor(ours.length / 2)];
  const waterfall = Object.fromEntries(
    Object.entries(typical?.stages ?? {}).map(([stage, at]) => [stage, rounded(at)]),
  );
  return { ratioCold: rounded(mine / reference), classifier: rounded(mine), bare: rounded(reference), waterfall };
}

async function bundle(): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const entryPoints = ['coldStart', 'bareStart'].map((name) => fileURLToPath(new URL(`${name}.ts`, import.meta.url)));
  await build({
    entryPoints,
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: ['onnxruntime-node', 'sharp'],
  });
}

async function start(file: string, args: string[]): Promise<Start> {
  const { untilOutput, stdout } = await runNode([join(directory, file), ...args]);
  return { milliseconds: untilOutput, stages: stages.parse(JSON.parse(stdout)) };
}
