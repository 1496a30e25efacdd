import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ModelManifest, parseModelManifest } from '../core/modelManifest.ts';

/** The model that comes with the repository. */
export const referenceModel = fileURLToPath(new URL('./ham10000-mobilenetv2', import.meta.url));

/** The same before it was quantized: for CPUs on which int8 is not the faster one. */
export const floatModel = fileURLToPath(new URL('./ham10000-mobilenetv2-float', import.meta.url));

export interface ModelDirectory {
  manifest: ModelManifest;
  manifestFile: string;
  /** Path of the ONNX file, which exists. */
  modelFile: string;
}

/**
 * A model as it lies in `models/`: `manifest.json` and the ONNX file that it names. What is in that file is not looked
 * at; `modelFileProblems` does that.
 *
 * @throws Error of one line that names the file which is missing or wrong
 */
export function readModelDirectory(directory: string): ModelDirectory {
  if (!isDirectory(directory)) throw new Error(`There is no model directory ${directory}`);
  const manifestFile = join(directory, 'manifest.json');
  const manifest = readManifest(manifestFile);
  const modelFile = join(directory, manifest.file);
  if (!existsSync(modelFile)) throw new Error(`${directory} has no ${manifest.file}, which its manifest names`);
  return { manifest, manifestFile, modelFile };
}

/** Whether the ONNX file is the one that the manifest describes: a line for each thing that differs. */
export function modelFileProblems({ manifest, modelFile }: Pick<ModelDirectory, 'manifest' | 'modelFile'>): string[] {
  const bytes = readFileSync(modelFile);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const problems = [];
  if (bytes.length !== manifest.bytes)
    problems.push(`${modelFile} has ${bytes.length} bytes, the manifest says ${manifest.bytes}`);
  if (sha256 !== manifest.sha256)
    problems.push(`${modelFile} has sha256 ${sha256}, the manifest says ${manifest.sha256}`);
  return problems;
}

function readManifest(path: string): ModelManifest {
  const json = readJson(path);
  try {
    return parseModelManifest(json);
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
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
