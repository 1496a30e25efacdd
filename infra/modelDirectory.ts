import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelManifest, parseModelManifest } from '../core/modelManifest.ts';
import { SetupError } from './setupError.ts';

export interface ModelDirectory {
  manifest: ModelManifest;
  manifestPath: string;
  modelPath: string;
}

/**
 * A model as the repository holds it. A manifest that does not fit its model is found here and not by the first photo.
 *
 * @throws SetupError naming the file that is missing or wrong
 */
export function readModelDirectory(directory: string): ModelDirectory {
  const manifestPath = join(directory, 'manifest.json');
  if (!existsSync(manifestPath)) throw new SetupError(`${manifestPath} is missing: a model needs a manifest.json.`);
  const manifest = readManifest(manifestPath);
  const modelPath = join(directory, manifest.file);
  if (!existsSync(modelPath)) throw new SetupError(`${modelPath} is missing, though ${manifestPath} names it.`);
  const sha256 = createHash('sha256').update(readFileSync(modelPath)).digest('hex');
  if (sha256 !== manifest.sha256) {
    throw new SetupError(`${modelPath} has sha256 ${sha256}, but ${manifestPath} says ${manifest.sha256}.`);
  }
  return { manifest, manifestPath, modelPath };
}

function readManifest(path: string): ModelManifest {
  try {
    return parseModelManifest(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new SetupError(`${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
