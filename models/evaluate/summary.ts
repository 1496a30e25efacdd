import { classesOf, type ModelManifest } from '../../core/modelManifest.ts';
import type { Evaluated } from './classifyLabelled.ts';
import {
  accuracyOf,
  areaUnderRoc,
  balancedAccuracyOf,
  type Case,
  confusionMatrix,
  expectedCalibrationError,
  recalls,
  type Scored,
} from './metrics.ts';

/** Of the model's own calibrated probabilities, nothing withheld. */
export interface Summary {
  model: string;
  n: number;
  accuracy: number;
  balancedAccuracy: number;
  /** By class; null where there is no photo of it. */
  recall: Record<string, number | null>;
  /** Expected calibration error, 10 bins. */
  ece: number;
  /** Malignant and pre-malignant classes against the others; null where one side is missing. */
  aucMalignant: number | null;
  /** Photos that would come back INCONCLUSIVE. */
  inconclusive: number;
  /** Median, from bytes in memory to the assessed result. */
  msPerImage: number;
}

export function summarize(evaluated: readonly Evaluated[], manifest: ModelManifest): Summary {
  const cases = evaluated.map((one) => caseOf(one, manifest));
  const matrix = confusionMatrix(cases, manifest.classes.length);
  const malignant = classesOf(manifest).filter((lesion) => lesion.malignant);
  const codes = malignant.map((lesion) => lesion.code);
  const inconclusive = evaluated.filter((one) => one.classification.result.assessment.triage === 'INCONCLUSIVE');
  return {
    model: `${manifest.name} ${manifest.version}`,
    n: cases.length,
    accuracy: accuracyOf(cases),
    balancedAccuracy: balancedAccuracyOf(matrix),
    recall: Object.fromEntries(recalls(matrix).map((recall, index) => [manifest.classes[index]!, recall])),
    ece: expectedCalibrationError(cases),
    aucMalignant: areaUnderRoc(evaluated.map((one) => scoredFor(one, codes, manifest))),
    inconclusive: inconclusive.length,
    msPerImage: median(evaluated.map((one) => one.milliseconds)),
  };
}

export function caseOf({ dx, classification }: Evaluated, manifest: ModelManifest): Case {
  return { truth: manifest.classes.indexOf(dx), probabilities: classification.scores.probabilities };
}

/** The summed probability of some classes, and whether the photo is of one of them. */
export function scoredFor(
  { dx, classification }: Evaluated,
  codes: readonly string[],
  manifest: ModelManifest,
): Scored {
  const { probabilities } = classification.scores;
  const score = codes.reduce((total, code) => total + (probabilities[manifest.classes.indexOf(code)] ?? 0), 0);
  return { score, positive: codes.includes(dx) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
