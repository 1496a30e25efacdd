import type { ModelManifest } from '../../core/modelManifest.ts';
import type { Evaluated } from './classifyLabelled.ts';
import { malignantCodes } from './gates.ts';
import { areaUnderRoc, type Interval, isRight, wilsonInterval } from './metrics.ts';
import { caseOf, scoredFor } from './summary.ts';

/** Below that a group is counted and not judged. */
export const FEWEST = 30;

export interface Subgroup {
  /** What the photos are told apart by. */
  by: string;
  value: string;
  photos: number;
  /** Null for a group that is too small. */
  judged: { right: number; interval: Interval; aucMalignant: number | null } | null;
}

/** Columns that labels files give these by (HAM10000, PAD-UFES-20, ISIC), and how a cell is read. */
const KINDS: { by: string; columns: string[]; read?(cell: string): string }[] = [
  { by: 'age', columns: ['age', 'age_approx'], read: ageBand },
  { by: 'sex', columns: ['sex', 'gender'] },
  { by: 'site', columns: ['localization', 'region', 'site', 'anatom_site_general'] },
  { by: 'skin type', columns: ['fitzpatrick', 'fitspatrick', 'skin_type', 'skin_tone'] },
];

/** How well each group of people does, by the columns that are there. A photo without a value is in a group of its own. */
export function subgroupsOf(evaluated: readonly Evaluated[], manifest: ModelManifest): Subgroup[] {
  return KINDS.flatMap(({ by, columns, read = (cell) => cell }) => {
    const column = columns.find((name) => evaluated.some(({ attributes }) => name in attributes));
    if (!column) return [];
    const groups = Map.groupBy(evaluated, ({ attributes }) => read(attributes[column] ?? '') || 'not given');
    const sorted = [...groups].sort(([one], [other]) => one.localeCompare(other));
    return sorted.map(([value, members]) => ({ by, value, photos: members.length, judged: judge(members, manifest) }));
  });
}

function judge(members: readonly Evaluated[], manifest: ModelManifest): Subgroup['judged'] {
  if (members.length < FEWEST) return null;
  const right = members.filter((photo) => isRight(caseOf(photo, manifest))).length;
  const aucMalignant = areaUnderRoc(members.map((photo) => scoredFor(photo, malignantCodes(manifest), manifest)));
  return { right, interval: wilsonInterval(right, members.length), aucMalignant };
}

function ageBand(cell: string): string {
  const age = Number.parseFloat(cell);
  if (!Number.isFinite(age)) return '';
  return age < 30 ? 'under 30' : age < 60 ? '30 to 59' : '60 and over';
}
