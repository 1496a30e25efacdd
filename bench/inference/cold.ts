import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import * as z from 'zod';
import { viewCountOf } from '../../core/modelManifest.ts';
import type { ModelDirectory } from '../../models/modelDirectory.ts';
import { median } from '../figure.ts';
import { runNode } from '../processes.ts';
import { quietestHalf, rounded, whileOthersUse } from './measure.ts';

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
  /** Of the median start, milliseconds since its process began. */
  waterfall: Record<string, number>;
  /** Cores that other processes used in the rounds that count. */
  othersUsed: number;
}

/** Both processes in turns; the quietest half of the rounds counts, by what other processes used. */
export async function measureColdStart(
  modelDirectory: string,
  { manifest, modelFile }: Pick<ModelDirectory, 'manifest' | 'modelFile'>,
  photo: string,
  rounds: number,
): Promise<ColdStart> {
  await bundle();
  const bare = [modelFile, String(manifest.input.width), String(viewCountOf(manifest))];
  // The first round fills the file cache.
  await takeRound(bare, modelDirectory, photo);
  const all = [];
  for (let round = 0; round < rounds; round++) all.push(await takeRound(bare, modelDirectory, photo));
  rmSync(directory, { recursive: true });
  const quiet = quietestHalf(all).toSorted((a, b) => a.ours.milliseconds - b.ours.milliseconds);
  const [ourMedian, bareMedian] = [
    median(quiet.map((one) => one.ours.milliseconds)),
    median(quiet.map((one) => one.bare.milliseconds)),
  ];
  const { cpu: _, ...stages } = quiet[Math.floor(quiet.length / 2)]?.ours.stages ?? {};
  return {
    ratioCold: rounded(ourMedian / bareMedian),
    classifier: rounded(ourMedian),
    bare: rounded(bareMedian),
    waterfall: Object.fromEntries(Object.entries(stages).map(([stage, at]) => [stage, rounded(at)])),
    othersUsed: rounded(median(quiet.map((one) => one.othersUsed))),
  };
}

async function takeRound(bare: string[], modelDirectory: string, photo: string) {
  const none: Start = { milliseconds: 0, stages: {} };
  const round = { bare: none, ours: none };
  const othersUsed = await whileOthersUse(async () => {
    round.bare = await start('bareStart.mjs', bare);
    round.ours = await start('coldStart.mjs', [modelDirectory, photo]);
    return (round.bare.stages.cpu ?? 0) + (round.ours.stages.cpu ?? 0);
  });
  return { ...round, othersUsed };
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
