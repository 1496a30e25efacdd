import type { Interval, Model, ModelMetrics, OperatingPoint, Subgroup } from './generated/schema.ts';
import type { LesionClass } from './lesionClasses.ts';
import { type ModelManifest, viewCountOf } from './modelManifest.ts';

const defaultIntendedUse =
  'Research and demonstration on dermoscopy photos. Not a medical device and not for diagnosis: only a doctor who examines the skin can make one.';

/** The manifest as the API shows it. */
export function modelView(manifest: ModelManifest, classes: LesionClass[]): Model {
  const { name, version, license, trainedOn, intendedUse, modality, trainingPrior = {}, subgroups = {} } = manifest;
  return {
    name,
    version,
    classes,
    operatingPoints: manifest.operatingPoints.map(operatingPointView),
    measured: Object.entries(manifest.metrics).map(metricsView),
    views: viewCountOf(manifest),
    modality: modality ?? null,
    trainingPrior: Object.entries(trainingPrior).map(([code, share]) => ({ code, share })),
    subgroups: Object.entries(subgroups).map(subgroupView),
    trainedOn: trainedOn ?? null,
    license: license ?? null,
    intendedUse: intendedUse ?? defaultIntendedUse,
  };
}

function operatingPointView(point: ModelManifest['operatingPoints'][number]): OperatingPoint {
  const { name, classes, threshold, officialTest, validation, interval95 } = point;
  return {
    name,
    classes,
    threshold,
    ...(officialTest ?? validation),
    sensitivityInterval: intervalView(interval95?.sensitivity),
    specificityInterval: intervalView(interval95?.specificity),
  };
}

function metricsView([dataset, metrics]: [string, ModelManifest['metrics'][string]]): ModelMetrics {
  const { recall = {}, adjustedRecall = {}, recallInterval95 = {}, interval95 = {}, ...figures } = metrics;
  return {
    dataset,
    ...figures,
    accuracyInterval: intervalView(interval95.accuracy),
    balancedAccuracyInterval: intervalView(interval95.balancedAccuracy),
    eceInterval: intervalView(interval95.ece),
    aucMalignantInterval: intervalView(interval95.aucMalignant),
    aucMelanomaInterval: intervalView(interval95.aucMelanoma),
    adjustedAccuracyInterval: intervalView(interval95.adjustedAccuracy),
    adjustedBalancedAccuracyInterval: intervalView(interval95.adjustedBalancedAccuracy),
    recall: Object.entries(recall).map(([code, value]) => ({
      code,
      recall: value,
      interval: intervalView(recallInterval95[code]),
      adjusted: adjustedRecall[code] ?? null,
    })),
  };
}

function subgroupView([name, group]: [string, NonNullable<ModelManifest['subgroups']>[string]]): Subgroup {
  const { n, malignant, accuracy, aucMalignant } = group;
  return {
    name,
    ...{ n, malignant, accuracy, aucMalignant },
    accuracyInterval: intervalView(group.accuracyInterval95),
    aucMalignantInterval: intervalView(group.aucInterval95),
    sensitivity: group.sensitivityMalignant95,
    specificity: group.specificityMalignant95,
    withoutClass: group.gateLost,
  };
}

function intervalView(ends: readonly [number, number] | undefined): Interval | null {
  return ends ? { low: ends[0], high: ends[1] } : null;
}
