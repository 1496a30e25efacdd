import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Classifier } from '../../classifier/classifier.ts';
import type { ModelManifest } from '../../core/modelManifest.ts';
import { isDirectory } from '../modelDirectory.ts';
import { type Answered, classifyPhotos, type Evaluated, findPhotos } from './classifyLabelled.ts';
import { type Label, readLabels } from './labels.ts';
import { type Stability, stabilityCounter } from './stability.ts';

/** Photos of one kind, such as dermoscopy, phone, or what is no lesion at all. */
export interface SetSource {
  name: string;
  images: string;
  /** A CSV file; without one nothing is known of what the photos show. */
  labels?: string;
}

export interface EvaluatedSet {
  name: string;
  /** Every photo. */
  answered: Answered[];
  /** The same with their labels; none of a set without labels. */
  evaluated: Evaluated[];
  /** Empty unless it was asked for. */
  stability: Stability[];
}

export interface Progress {
  /** After each photo. */
  onPhoto(set: SetSource, done: number, of: number): void;
  /** Also turn and re-save every photo: eight times the work. */
  stability: boolean;
}

/** @throws Error of one line: no such directory, a bad CSV, a photo that is missing or that cannot be read */
export async function evaluateSet(
  source: SetSource,
  manifest: ModelManifest,
  classify: Classifier,
  { onPhoto, stability }: Progress,
): Promise<EvaluatedSet> {
  const labels = source.labels ? readLabels(source.labels, manifest.classes) : undefined;
  const photos = labels ? findPhotos(source.images, labels) : photosIn(source.images);
  const labelOf = new Map<string, Label>(labels?.map((label) => [label.imageId, label]));
  const counter = stabilityCounter(classify);
  const set: EvaluatedSet = {
    name: source.name,
    evaluated: [],
    answered: [],
    stability: stability ? counter.counts : [],
  };
  for await (const one of classifyPhotos(photos, classify)) {
    const label = labelOf.get(one.imageId);
    set.answered.push(one);
    if (label) set.evaluated.push({ ...one, ...label });
    if (stability) await counter.add(readFileSync(photos.get(one.imageId) ?? ''), one.classification);
    onPhoto(source, set.answered.length, photos.size);
  }
  return set;
}

/** Every photo of a directory, by its name without the ending. */
function photosIn(directory: string): Map<string, string> {
  if (!isDirectory(directory)) throw new Error(`There is no image directory ${directory}`);
  const files = readdirSync(directory).filter((file) => /\.(jpe?g|png|webp)$/i.test(file));
  if (files.length === 0) throw new Error(`${directory} holds no JPEG, PNG or WebP file`);
  return new Map(files.sort().map((file) => [file.slice(0, -extname(file).length), join(directory, file)]));
}
