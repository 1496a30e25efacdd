import type { ModelManifest } from '../../core/modelManifest.ts';
import { bootstrapIntervals } from '../evaluate/bootstrap.ts';
import type { Evaluated } from '../evaluate/classifyLabelled.ts';
import { answersOf, malignantCodes, malignantOf } from '../evaluate/gates.ts';
import {
  accuracyOf,
  areaUnderRoc,
  balancedAccuracyOf,
  confusionMatrix,
  expectedCalibrationError,
  type Interval,
} from '../evaluate/metrics.ts';
import type { EvaluatedSet } from '../evaluate/sets.ts';
import { caseOf, patientOf, scoredFor } from '../evaluate/summary.ts';

/** A model with its answers to a set. */
export interface Side {
  manifest: ModelManifest;
  set: EvaluatedSet;
}

export interface Finding {
  what: string;
  old: number;
  new: number;
  /** Of the difference new − old, 95 %, over the same resampled patients. */
  interval?: Interval | null;
  /** Whether the limit of the change protocol holds. */
  holds: boolean;
  limit: string;
}

/**
 * The limits that a new model must keep, on every set that it is compared on. They are stated in docs/model.md, and are
 * chosen before a comparison is run, not after.
 */
const LIMITS = { auc: -0.02, accuracy: -0.03, calibration: 0.02, withheld: 0.02 };

/** From so many photos on a set must show that the new model is no worse; a smaller one can only fail to show that it is. */
const ENOUGH = 500;

/** What a change of the model does to one set. Both sides answered the same photos. */
export function compareSet(before: Side, after: Side): Finding[] {
  return [...labelledFindings(before, after), ...answerFindings(before, after)];
}

function labelledFindings(before: Side, after: Side): Finding[] {
  if (before.set.evaluated.length === 0) return [];
  const newOf = new Map(after.set.evaluated.map((one) => [one.imageId, one]));
  const pairs = before.set.evaluated.map((old) => ({ old, new: newOf.get(old.imageId) ?? old }));
  type Pair = (typeof pairs)[number];
  const difference = (
    figure: (photos: readonly Evaluated[], manifest: ModelManifest) => number | null,
    sample: readonly Pair[],
  ) => {
    const [old, now] = [
      figure(
        sample.map((pair) => pair.old),
        before.manifest,
      ),
      figure(
        sample.map((pair) => pair.new),
        after.manifest,
      ),
    ];
    return old === null || now === null ? null : now - old;
  };
  const intervals = bootstrapIntervals(
    pairs,
    (pair) => patientOf(pair.old),
    (sample) => Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, difference(figure, sample)])),
  );
  const finding = (
    name: keyof typeof figures,
    what: string,
    holds: (interval: Interval) => boolean,
    limit: string,
  ): Finding[] => {
    const [old, now] = [
      figures[name](before.set.evaluated, before.manifest),
      figures[name](after.set.evaluated, after.manifest),
    ];
    const interval = intervals[name];
    return old === null || now === null
      ? []
      : [{ what, old, new: now, interval, holds: !interval || holds(interval), limit }];
  };
  return [
    ...finding(
      'auc',
      'AUC malignant',
      ({ low, high }) => (pairs.length >= ENOUGH ? low : high) >= LIMITS.auc,
      `not worse by more than ${-LIMITS.auc}`,
    ),
    ...finding('balanced', 'balanced accuracy', ({ high }) => high >= 0, 'not surely worse'),
    ...finding(
      'accuracy',
      'accuracy',
      ({ high }) => high >= LIMITS.accuracy,
      `not surely worse by ${-LIMITS.accuracy}`,
    ),
    ...finding('ece', 'ECE', ({ low }) => low <= LIMITS.calibration, `not surely worse by ${LIMITS.calibration}`),
    malignantFinding(before, after),
  ];
}

const figures = {
  auc: (photos: readonly Evaluated[], manifest: ModelManifest) =>
    areaUnderRoc(photos.map((photo) => scoredFor(photo, malignantCodes(manifest), manifest))),
  accuracy: (photos: readonly Evaluated[], manifest: ModelManifest) =>
    accuracyOf(photos.map((photo) => caseOf(photo, manifest))),
  balanced: (photos: readonly Evaluated[], manifest: ModelManifest) =>
    balancedAccuracyOf(
      confusionMatrix(
        photos.map((photo) => caseOf(photo, manifest)),
        manifest.classes.length,
      ),
    ),
  ece: (photos: readonly Evaluated[], manifest: ModelManifest) =>
    expectedCalibrationError(photos.map((photo) => caseOf(photo, manifest))),
};

function malignantFinding(before: Side, after: Side): Finding {
  const [old, now] = [before, after].map(({ set, manifest }) => malignantOf(set.evaluated, manifest).routine);
  return count(
    'malignant or pre-malignant, and ROUTINE',
    old ?? 0,
    now ?? 0,
    'no more than before',
    (now ?? 0) <= (old ?? 0),
  );
}

function answerFindings(before: Side, after: Side): Finding[] {
  const [old, now] = [answersOf(before.set.answered), answersOf(after.set.answered)];
  const withheld = [old.triage.INCONCLUSIVE, now.triage.INCONCLUSIVE] as const;
  // Where nobody knows what the photos show, or nearly all are withheld, to be sure of more of them is no gain.
  const isForeign = before.set.evaluated.length === 0 || withheld[0] > old.photos / 2;
  const more = Math.ceil(LIMITS.withheld * old.photos);
  return [
    isForeign
      ? count('without a class', ...withheld, 'no fewer than before', withheld[1] >= withheld[0])
      : count('without a class', ...withheld, `at most ${more} more`, withheld[1] <= withheld[0] + more),
    ...(isForeign
      ? [
          count(
            'confidence HIGH',
            old.confidenceHigh,
            now.confidenceHigh,
            'no more than before',
            now.confidenceHigh <= old.confidenceHigh,
          ),
        ]
      : []),
  ];
}

function count(what: string, old: number, now: number, limit: string, holds: boolean): Finding {
  return { what, old, new: now, holds, limit };
}
