import type { NoticeCode, Triage } from '../../core/generated/schema.ts';
import { classesOf, type ModelManifest } from '../../core/modelManifest.ts';
import type { Answered, Evaluated } from './classifyLabelled.ts';
import { predictedClass } from './metrics.ts';

/** What a set of photos is answered with, whatever they show. */
export interface Answers {
  photos: number;
  triage: Record<Triage, number>;
  confidenceHigh: number;
}

/** What one notice does to a set: whom it is given to, and what these photos would have been called without it. */
export interface Gate {
  notice: NoticeCode;
  photos: number;
  /** Of those, answered with no class. */
  withheld: number;
  /** Withheld although the first class was right: what it costs. Null without labels. */
  withheldRight: number | null;
  /** Withheld, malignant, and below every operating point by the numbers: what it catches. Null without labels. */
  withheldMissed: number | null;
}

/** What must not happen to malignant and pre-malignant lesions. */
export interface Malignant {
  photos: number;
  routine: number;
  routineAndHigh: number;
}

export function answersOf(answered: readonly Answered[]): Answers {
  const triage = { URGENT: 0, SOON: 0, ROUTINE: 0, INCONCLUSIVE: 0 } satisfies Record<Triage, number>;
  for (const one of answered) triage[assessmentOf(one).triage] += 1;
  const confidenceHigh = answered.filter((one) => assessmentOf(one).confidence === 'HIGH').length;
  return { photos: answered.length, triage, confidenceHigh };
}

/** @param evaluated the same photos with their labels; none where they have none */
export function gatesOf(
  answered: readonly Answered[],
  evaluated: readonly Evaluated[],
  manifest: ModelManifest,
): Gate[] {
  const labelled = new Map(evaluated.map((one) => [one.imageId, one]));
  const count = (photos: readonly Answered[], holds: (photo: Evaluated, manifest: ModelManifest) => boolean) => {
    const known = photos.flatMap(({ imageId }) => labelled.get(imageId) ?? []);
    return labelled.size === 0 ? null : known.filter((photo) => holds(photo, manifest)).length;
  };
  const codes = new Set(answered.flatMap((one) => assessmentOf(one).notices.map(({ code }) => code)));
  return [...codes].sort().map((notice) => {
    const given = answered.filter((one) => assessmentOf(one).notices.some(({ code }) => code === notice));
    const withheld = given.filter((one) => assessmentOf(one).triage === 'INCONCLUSIVE');
    return {
      notice,
      photos: given.length,
      withheld: withheld.length,
      withheldRight: count(withheld, isRight),
      withheldMissed: count(withheld, wouldBeMissed),
    };
  });
}

export function malignantOf(evaluated: readonly Evaluated[], manifest: ModelManifest): Malignant {
  const malignant = evaluated.filter(({ dx }) => malignantCodes(manifest).includes(dx));
  const routine = malignant.filter((one) => assessmentOf(one).triage === 'ROUTINE');
  const routineAndHigh = routine.filter((one) => assessmentOf(one).confidence === 'HIGH').length;
  return { photos: malignant.length, routine: routine.length, routineAndHigh };
}

export function malignantCodes(manifest: ModelManifest): string[] {
  return classesOf(manifest).flatMap(({ code, malignant }) => (malignant ? [code] : []));
}

function isRight({ dx, classification }: Evaluated, manifest: ModelManifest): boolean {
  return manifest.classes[predictedClass(classification.scores.probabilities)] === dx;
}

function wouldBeMissed({ dx, classification }: Evaluated, manifest: ModelManifest): boolean {
  if (!malignantCodes(manifest).includes(dx)) return false;
  const { probabilities } = classification.scores;
  const sum = (codes: readonly string[]) =>
    codes.reduce((total, code) => total + (probabilities[manifest.classes.indexOf(code)] ?? 0), 0);
  return manifest.operatingPoints.every(({ classes, threshold }) => sum(classes) < threshold);
}

function assessmentOf({ classification }: Answered) {
  return classification.result.assessment;
}
