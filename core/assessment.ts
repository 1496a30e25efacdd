import type {
  Assessment,
  Confidence,
  ImageQuality,
  OperatingPointResult,
  Prediction,
  Triage,
} from './generated/schema.ts';
import { lesionClasses, type ModelManifest } from './modelManifest.ts';
import { noticesOf } from './notices.ts';
import { marginOf, normalizedEntropy } from './probabilities.ts';

/** What the model said of one photo, calibrated. */
export interface Scores {
  /** One per class, in the manifest's order, summing to 1. */
  probabilities: readonly number[];
  /** The model's own measure of how far the photo lies from its training photos; null if it has none. */
  distance: number | null;
}

export interface Verdict {
  /** Most probable first; empty where the photo is foreign to the model. */
  predictions: Prediction[];
  assessment: Assessment;
}

/** Turns scores into what a person may be shown, by the manifest's measured operating points alone. */
export function assess(scores: Scores, quality: ImageQuality, manifest: ModelManifest): Verdict {
  const { probabilities, distance } = scores;
  const margin = marginOf(probabilities);
  const entropy = normalizedEntropy(probabilities);
  const notices = noticesOf({ margin, distance, quality }, manifest);
  // A class shown for a photo of a keyboard would be a lie, however sure the softmax is.
  if (isForeign(distance, manifest)) {
    const assessment: Assessment = {
      triage: 'INCONCLUSIVE',
      confidence: 'NONE',
      distance,
      operatingPoints: [],
      notices,
    };
    return { predictions: [], assessment };
  }
  const predictions = rank(probabilities, manifest);
  const operatingPoints = measureOperatingPoints(predictions, manifest);
  return {
    predictions,
    assessment: {
      triage: triageOf(operatingPoints, manifest),
      malignantProbability: sumOf(predictions, (prediction) => prediction.malignant),
      confidence: notices.some((notice) => notice.code !== 'AMBIGUOUS') ? 'LOW' : confidenceOf(margin),
      margin,
      entropy,
      distance,
      operatingPoints,
      notices,
    },
  };
}

function isForeign(distance: number | null, manifest: ModelManifest): boolean {
  if (distance === null || !manifest.distance) return false;
  return !(distance <= manifest.distance.foreign);
}

function rank(probabilities: readonly number[], manifest: ModelManifest): Prediction[] {
  return lesionClasses(manifest)
    .map((lesion, index) => ({ ...lesion, probability: probabilities[index] ?? 0 }))
    .sort((a, b) => b.probability - a.probability);
}

function measureOperatingPoints(predictions: Prediction[], manifest: ModelManifest): OperatingPointResult[] {
  return manifest.operatingPoints
    .map((point) => {
      const score = sumOf(predictions, (prediction) => point.classes.includes(prediction.code));
      const measured = point.officialTest ?? point.validation ?? { sensitivity: null, specificity: null };
      const reached = score >= point.threshold;
      return { name: point.name, score, threshold: point.threshold, reached, ...measured };
    })
    .sort((a, b) => Number(b.reached) - Number(a.reached));
}

/**
 * Operating points over the same classes form a ladder. At the top of any ladder (the most specific point): URGENT.
 * On any rung of one: SOON. Below all of them: ROUTINE.
 */
function triageOf(results: OperatingPointResult[], manifest: ModelManifest): Triage {
  const reached = new Set(results.filter((result) => result.reached).map((result) => result.name));
  if (reached.size === 0) return 'ROUTINE';
  const ladders = Map.groupBy(manifest.operatingPoints, (point) => [...point.classes].sort().join());
  const tops = [...ladders.values()].map((points) => points.reduce((a, b) => (b.threshold > a.threshold ? b : a)));
  // A ladder of one rung cannot tell urgent from soon, so it says soon.
  return tops.some((top) => reached.has(top.name) && ladderOf(top.name, ladders).length > 1) ? 'URGENT' : 'SOON';
}

function ladderOf(
  name: string,
  ladders: Map<string, ModelManifest['operatingPoints']>,
): ModelManifest['operatingPoints'] {
  return [...ladders.values()].find((points) => points.some((point) => point.name === name)) ?? [];
}

/** Of the official test photos with a margin of 0.6 or more nine in ten are classed right; below 0.2 about half. */
function confidenceOf(margin: number): Confidence {
  if (margin >= 0.6) return 'HIGH';
  return margin >= 0.2 ? 'MEDIUM' : 'LOW';
}

function sumOf(predictions: Prediction[], counts: (prediction: Prediction) => boolean): number {
  return predictions.reduce((sum, prediction) => (counts(prediction) ? sum + prediction.probability : sum), 0);
}
