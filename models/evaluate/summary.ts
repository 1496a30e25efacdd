import { classesOf, type ModelManifest } from '../../core/modelManifest.ts';
import { bootstrapIntervals, type Figures } from './bootstrap.ts';
import type { Evaluated } from './classifyLabelled.ts';
import {
  accuracyOf,
  areaUnderRoc,
  balancedAccuracyOf,
  type Case,
  confusionMatrix,
  expectedCalibrationError,
  type Interval,
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
  /** 95 %, by the bootstrap over patients (over photos where no patient is given). */
  intervals: Record<string, Interval | null>;
  /** By probability ÷ training prior: every class counts alike. Null where the manifest has no prior. */
  balancedDecision: { accuracy: number; balancedAccuracy: number } | null;
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
    intervals: bootstrapIntervals(evaluated, patientOf, (sample) => figuresOf(sample, codes, manifest)),
    balancedDecision: balancedDecision(cases, manifest),
  };
}

function figuresOf(sample: readonly Evaluated[], malignant: readonly string[], manifest: ModelManifest): Figures {
  const cases = sample.map((one) => caseOf(one, manifest));
  return {
    accuracy: accuracyOf(cases),
    balancedAccuracy: balancedAccuracyOf(confusionMatrix(cases, manifest.classes.length)),
    ece: expectedCalibrationError(cases),
    aucMalignant: areaUnderRoc(sample.map((one) => scoredFor(one, malignant, manifest))),
  };
}

/** Photos of one patient, or of one lesion, count together where the labels name one. */
export function patientOf({ attributes, imageId }: Evaluated): string {
  return attributes.patient || attributes.patient_id || attributes.lesion_id || imageId;
}

function balancedDecision(
  cases: readonly Case[],
  { classes, trainingPrior }: ModelManifest,
): Summary['balancedDecision'] {
  if (!trainingPrior) return null;
  const weigh = (probability: number, index: number) => probability / (trainingPrior[classes[index]!] ?? 1);
  const weighed = cases.map(({ truth, probabilities }) => ({ truth, probabilities: probabilities.map(weigh) }));
  return {
    accuracy: accuracyOf(weighed),
    balancedAccuracy: balancedAccuracyOf(confusionMatrix(weighed, classes.length)),
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
