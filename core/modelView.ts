import type { Model } from './generated/schema.ts';
import type { LesionClass } from './lesionClasses.ts';
import type { ModelManifest } from './modelManifest.ts';

const defaultIntendedUse =
  'Research and demonstration on dermoscopy photos. Not a medical device and not for diagnosis: only a doctor who examines the skin can make one.';

/** The manifest as the API shows it. */
export function modelView(manifest: ModelManifest, classes: LesionClass[]): Model {
  const { name, version, license, trainedOn, intendedUse } = manifest;
  return {
    name,
    version,
    classes,
    operatingPoints: manifest.operatingPoints.map(({ name, classes, threshold, officialTest, validation }) => ({
      name,
      classes,
      threshold,
      ...(officialTest ?? validation),
    })),
    measured: Object.entries(manifest.metrics).map(([dataset, { recall = {}, ...metrics }]) => ({
      dataset,
      ...metrics,
      recall: Object.entries(recall).map(([code, value]) => ({ code, recall: value })),
    })),
    trainedOn: trainedOn ?? null,
    license: license ?? null,
    intendedUse: intendedUse ?? defaultIntendedUse,
  };
}
