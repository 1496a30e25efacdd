import type { ModelManifest } from '../../core/modelManifest.ts';
import { type Answers, answersOf, type Gate, gatesOf, type Malignant, malignantOf } from './gates.ts';
import type { EvaluatedSet } from './sets.ts';
import type { Stability } from './stability.ts';
import { type Subgroup, subgroupsOf } from './subgroups.ts';
import { type Summary, summarize } from './summary.ts';

/** Everything that is measured of a set. What needs labels is missing where there are none. */
export interface SetSummary extends Partial<Summary> {
  answers: Answers;
  gates: Gate[];
  malignant?: Malignant;
  subgroups?: Subgroup[];
  stability?: Stability[];
}

export function summarizeSet({ answered, evaluated, stability }: EvaluatedSet, manifest: ModelManifest): SetSummary {
  const labelled = evaluated.length > 0 && {
    ...summarize(evaluated, manifest),
    malignant: malignantOf(evaluated, manifest),
    subgroups: subgroupsOf(evaluated, manifest),
  };
  return {
    ...labelled,
    answers: answersOf(answered),
    gates: gatesOf(answered, evaluated, manifest),
    ...(stability.length > 0 && { stability }),
  };
}
