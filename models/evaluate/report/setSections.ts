import type { Gate } from '../gates.ts';
import type { Interval } from '../metrics.ts';
import type { SetSummary } from '../setSummary.ts';
import type { Stability } from '../stability.ts';
import type { Subgroup } from '../subgroups.ts';
import { FEWEST } from '../subgroups.ts';
import { escapeText, percent, section, table } from './html.ts';

/** What a set is answered with: the only thing that can be said of one without labels. */
export function answersSection({ answers, malignant }: SetSummary): string {
  const { photos, triage, confidenceHigh } = answers;
  const rows = [
    ...Object.entries(triage).map(([level, count]) => [level, shareOf(count, photos)]),
    ['confidence HIGH', shareOf(confidenceHigh, photos)],
    ...(malignant ? [['malignant or pre-malignant, and ROUTINE', shareOf(malignant.routine, malignant.photos)]] : []),
  ];
  return section('What these photos are answered with', '', table(['answer', 'photos'], rows));
}

/** Sections that come behind the figures. */
export function setSections({ gates, subgroups = [], stability = [] }: SetSummary): string[] {
  return [gateSection(gates), subgroupSection(subgroups), stabilitySection(stability)];
}

export function rangeOf(interval: Interval | null | undefined): string {
  return interval ? `<small>(${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})</small>` : '';
}

function gateSection(gates: readonly Gate[]): string {
  if (gates.length === 0) return '';
  const rows = gates.map(({ notice, photos, withheld, withheldRight, withheldMissed }) => {
    return [escapeText(notice), `${photos}`, `${withheld}`, `${withheldRight ?? '–'}`, `${withheldMissed ?? '–'}`];
  });
  const explanation =
    'What each notice costs and catches. Withheld: answered with no class. Of these, how many had the first class right, and how many malignant ones lay below every operating point.';
  return section('Gates', explanation, table(['notice', 'photos', 'withheld', 'right', 'would be missed'], rows));
}

function subgroupSection(subgroups: readonly Subgroup[]): string {
  if (subgroups.length === 0) return '';
  const rows = subgroups.map(({ by, value, photos, judged }) => [
    `${escapeText(by)}: ${escapeText(value)}`,
    `${photos}`,
    judged ? `${percent(judged.right / photos)} ${rangeOf(judged.interval)}` : 'too few to judge',
    judged?.aucMalignant?.toFixed(3) ?? '–',
  ]);
  const explanation = `Groups of fewer than ${FEWEST} photos are counted and not judged.`;
  return section('Subgroups', explanation, table(['group', 'photos', 'accuracy', 'AUC malignant'], rows));
}

function stabilitySection(stability: readonly Stability[]): string {
  if (stability.length === 0) return '';
  const rows = stability.map(({ name, photos, triageChanged, classChanged }) => {
    return [escapeText(name), shareOf(triageChanged, photos), shareOf(classChanged, photos)];
  });
  const explanation =
    'The same picture, turned or saved anew: how often another triage, or another first class, comes out.';
  return section('Stability', explanation, table(['change', 'triage changes', 'class changes'], rows));
}

function shareOf(count: number, photos: number): string {
  return `${count} of ${photos}${photos > 0 ? ` <small>(${percent(count / photos)})</small>` : ''}`;
}
