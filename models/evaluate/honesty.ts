import { confidenceValues } from '../../core/generated/enums.ts';
import type { Confidence, NoticeCode } from '../../core/generated/schema.ts';
import type { ModelManifest } from '../../core/modelManifest.ts';
import type { Evaluated } from './classifyLabelled.ts';
import { type Interval, isRight, type Scored, sensitivityAt, specificityAt, wilsonInterval } from './metrics.ts';
import { caseOf, scoredFor } from './summary.ts';

/** A choice of the photos whose result one acts on. */
export interface Policy {
  name: string;
  accepts(photo: Evaluated): boolean;
}

/** How an operating point does on the photos that a policy accepts. */
export interface PointUnderPolicy {
  policy: string;
  photos: number;
  sensitivity: number | null;
  specificity: number | null;
}

export interface PointResult {
  name: string;
  classes: readonly string[];
  threshold: number;
  /** As the manifest has them. */
  claimed: { sensitivity: number; specificity: number } | null;
  underPolicies: PointUnderPolicy[];
}

/** How often the first class is right among some of the photos. */
export interface Group<Name extends string> {
  name: Name;
  photos: number;
  right: number;
  interval: Interval;
}

/** A notice about the photo, unlike AMBIGUOUS, says nothing of the model's answer: it could be acted on by taking another. */
const aboutTheAnswer: ReadonlySet<NoticeCode> = new Set(['AMBIGUOUS']);

export const policies: readonly Policy[] = [
  { name: 'every photo', accepts: () => true },
  { name: 'without INCONCLUSIVE', accepts: (photo) => assessmentOf(photo).triage !== 'INCONCLUSIVE' },
  {
    name: 'without INCONCLUSIVE and without any notice on the photo',
    accepts: (photo) => assessmentOf(photo).notices.every((notice) => aboutTheAnswer.has(notice.code)),
  },
];

/** What INCONCLUSIVE and the notices do to each operating point of the manifest. */
export function pointResults(evaluated: readonly Evaluated[], manifest: ModelManifest): PointResult[] {
  return manifest.operatingPoints.map(({ name, classes, threshold, officialTest, validation }) => ({
    name,
    classes,
    threshold,
    claimed: officialTest ?? validation ?? null,
    underPolicies: policies.map((policy) => {
      const scored = evaluated.filter(policy.accepts).map((photo) => scoredFor(photo, classes, manifest));
      return { policy: policy.name, photos: scored.length, ...ratesAt(scored, threshold) };
    }),
  }));
}

export function byConfidence(evaluated: readonly Evaluated[], manifest: ModelManifest): Group<Confidence>[] {
  return confidenceValues.map((level) => {
    const members = evaluated.filter((photo) => assessmentOf(photo).confidence === level);
    return groupOf(level, members, manifest);
  });
}

/** Only the notices that were given; a photo may carry several. */
export function byNotice(evaluated: readonly Evaluated[], manifest: ModelManifest): Group<NoticeCode>[] {
  const codes = new Set(evaluated.flatMap((photo) => assessmentOf(photo).notices.map((notice) => notice.code)));
  return [...codes].sort().map((code) => {
    const members = evaluated.filter((photo) => assessmentOf(photo).notices.some((notice) => notice.code === code));
    return groupOf(code, members, manifest);
  });
}

function groupOf<Name extends string>(name: Name, members: readonly Evaluated[], manifest: ModelManifest): Group<Name> {
  const right = members.filter((photo) => isRight(caseOf(photo, manifest))).length;
  return { name, photos: members.length, right, interval: wilsonInterval(right, members.length) };
}

function ratesAt(scored: readonly Scored[], threshold: number) {
  return { sensitivity: sensitivityAt(scored, threshold), specificity: specificityAt(scored, threshold) };
}

function assessmentOf(photo: Evaluated) {
  return photo.classification.result.assessment;
}
