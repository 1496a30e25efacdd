import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelManifest, parseModelManifest } from '../../core/modelManifest.ts';

/** The model that comes with the repository. */
export const referenceModel = new URL('../../models/ham10000-mobilenetv2', import.meta.url).pathname;

/** The same before it was quantized: for CPUs on which int8 is not the faster one. */
export const floatModel = new URL('../../models/ham10000-mobilenetv2-float', import.meta.url).pathname;

export interface ModelDirectory {
  manifest: ModelManifest;
  /** Path of the ONNX file, which exists. */
  modelFile: string;
}

/**
 * A model as it lies in `models/`: `manifest.json` and the ONNX file that it names.
 *
 * @throws Error of one line per thing that is missing or wrong
 */
export function readModelDirectory(directory: string): ModelDirectory {
  if (!isDirectory(directory)) throw new Error(`There is no model directory ${directory}`);
  const manifest = parseModelManifest(readJson(join(directory, 'manifest.json')));
  const modelFile = join(directory, manifest.file);
  if (!existsSync(modelFile)) throw new Error(`${directory} has no ${manifest.file}, which its manifest names`);
  return { manifest, modelFile };
}

/** @throws Error if there is no such file or it is not JSON */
export function readJson(path: string): unknown {
  if (!existsSync(path)) throw new Error(`There is no ${path}`);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`${path} is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
