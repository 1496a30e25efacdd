import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Classification, Classifier } from '../../classifier/classifier.ts';
import { isDirectory } from '../modelDirectory.ts';
import type { Label } from './labels.ts';

/** A photo with what the model says of it. */
export interface Answered {
  imageId: string;
  classification: Classification;
  /** From bytes in memory to the assessed result. */
  milliseconds: number;
}

export type Evaluated = Answered & Label;

/** @throws Error if the directory or any of the photos is missing, before a single one is classified */
export function findPhotos(directory: string, labels: readonly Label[]): Map<string, string> {
  if (!isDirectory(directory)) throw new Error(`There is no image directory ${directory}`);
  const paths = new Map(labels.map(({ imageId }) => [imageId, join(directory, `${imageId}.jpg`)]));
  const missing = [...paths.values()].filter((path) => !existsSync(path));
  if (missing.length > 0)
    throw new Error(`${missing.length} of ${labels.length} images are missing, the first is ${missing[0]}`);
  return paths;
}

/**
 * One photo after the other, so that the times are those of a photo alone.
 *
 * @throws Error naming the photo that cannot be read or that the model fails on
 */
export async function* classifyPhotos(
  paths: ReadonlyMap<string, string>,
  classify: Classifier,
): AsyncGenerator<Answered> {
  for (const [imageId, path] of paths) {
    const bytes = readFileSync(path);
    const start = performance.now();
    const classification = await classify(bytes).catch((cause: unknown) => {
      throw new Error(`${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    });
    yield { imageId, classification, milliseconds: performance.now() - start };
  }
}

/** @throws Error as classifyPhotos */
export async function* classifyLabelled(
  labels: readonly Label[],
  paths: ReadonlyMap<string, string>,
  classify: Classifier,
): AsyncGenerator<Evaluated> {
  const byId = new Map(labels.map((label) => [label.imageId, label]));
  for await (const one of classifyPhotos(paths, classify)) yield { ...byId.get(one.imageId)!, ...one };
}
