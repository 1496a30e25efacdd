import type {
  Assessment,
  Confidence,
  ImageQuality,
  OperatingPointResult,
  Prediction,
  Triage,
} from './generated/schema.ts';
import { classesOf, type ModelManifest } from './modelManifest.ts';
import { findingsOf } from './notices.ts';
import { marginOf, normalizedEntropy } from './probabilities.ts';

/** What the model said of one photo, calibrated. */
export interface Scores {
  /** One per class, in the manifest's order, summing to 1. */
  probabilities: readonly number[];
  /** The model's own measure of how far the photo lies from its training photos; null if it has none. */
  distance: number | null;
  /** The model's own probability that the photo is dermoscopy; null if it has none. */
  modality: number | null;
}

export interface Verdict {
  /** Most probable first; empty where no class may be shown. */
  predictions: Prediction[];
  assessment: Assessment;
}

/** Turns scores into what a person may be shown, by the manifest's measured operating points alone. */
export function assess(scores: Scores, quality: ImageQuality, manifest: ModelManifest): Verdict {
  const { probabilities, distance, modality } = scores;
  const margin = marginOf(probabilities);
  const entropy = normalizedEntropy(probabilities);
  const { notices, withheld, doubtful } = findingsOf({ margin, distance, modality, quality }, manifest);
  // A class shown for a photo of a keyboard would be a lie, however sure the softmax is.
  if (withheld) {
    const assessment: Assessment = {
      triage: 'INCONCLUSIVE',
      confidence: 'NONE',
      distance,
      modality,
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
      triage: withoutReassurance(triageOf(operatingPoints, manifest), doubtful),
      malignantProbability: sumOf(predictions, (prediction) => prediction.malignant),
      confidence: notices.length > 0 ? 'LOW' : confidenceOf({ margin, entropy, distance }, manifest),
      margin,
      entropy,
      distance,
      modality,
      operatingPoints,
      notices,
    },
  };
}

/**
 * Where it is doubtful that the photo is dermoscopy, a low score says little. A doctor should see the lesion then, and the
 * classes are still shown: INCONCLUSIVE would take the result from 4 % of the dermoscopy photos of the official test.
 */
function withoutReassurance(triage: Triage, doubtful: boolean): Triage {
  return doubtful && triage === 'ROUTINE' ? 'SOON' : triage;
}

function rank(probabilities: readonly number[], manifest: ModelManifest): Prediction[] {
  return classesOf(manifest)
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

/**
 * The limits were chosen on 70 labelled photos of the ISIC 2018 test set, ten of each class, with the reference model,
 * which had 47 of them right: of 30 called HIGH 27 were, of 17 called MEDIUM 10, of 22 called LOW 10 (notices, which
 * make it LOW too, included: of 7 that may be no dermoscopy 5 were right). That is where they were chosen, so elsewhere expect a little less.
 * A model without a distance cannot know what it does not know, and is never HIGH.
 */
function confidenceOf({ margin, entropy, distance }: Certainty, { distance: known }: ModelManifest): Confidence {
  if (margin < 0.2 || entropy > 0.6) return 'LOW';
  const usual = distance !== null && distance <= (known?.p95 ?? known?.unusual ?? Number.NEGATIVE_INFINITY);
  return margin >= 0.8 && entropy <= 0.3 && usual ? 'HIGH' : 'MEDIUM';
}

interface Certainty {
  margin: number;
  entropy: number;
  distance: number | null;
}

function sumOf(predictions: Prediction[], counts: (prediction: Prediction) => boolean): number {
  return predictions.reduce((sum, prediction) => (counts(prediction) ? sum + prediction.probability : sum), 0);
}
