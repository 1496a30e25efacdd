import type { Evaluated } from './classifyLabelled.ts';
import type { Gate } from './gates.ts';
import type { Interval } from './metrics.ts';
import type { SetSummary } from './setSummary.ts';
import type { Subgroup } from './subgroups.ts';

/** A person's view of a set, for a terminal. */
export function printSet(name: string, summary: SetSummary): string {
  const { answers, gates, malignant, subgroups = [], stability = [] } = summary;
  const { photos, triage, confidenceHigh } = answers;
  return [
    `${name}: ${photos} photos`,
    ...rows(figures(summary)),
    ...rows([
      ...Object.entries(triage).map(([level, count]) => [level, `${count} of ${photos}`] as const),
      ['confidence HIGH', `${confidenceHigh} of ${photos}`],
      ...(malignant ? [['malignant, ROUTINE', `${malignant.routine} of ${malignant.photos}`] as const] : []),
    ]),
    ...rows(gates.map((gate) => [gate.notice, gateText(gate)])),
    ...rows(subgroups.map((group) => [`${group.by} ${group.value}`, subgroupText(group)])),
    ...rows(
      stability.map((one) => [
        one.name,
        `triage changes in ${one.triageChanged} of ${one.photos}, class in ${one.classChanged}`,
      ]),
    ),
  ].join('\n');
}

function figures(summary: SetSummary): (readonly [string, string])[] {
  const { model, recall, intervals = {}, balancedDecision, ece = 0, msPerImage = 0 } = summary;
  if (!model || !recall) return [];
  const measured = (figure: string, value: number | null = null) => `${share(value)}${range(intervals[figure])}`;
  return [
    ['model', model],
    ['accuracy', measured('accuracy', summary.accuracy)],
    ['balanced accuracy', measured('balancedAccuracy', summary.balancedAccuracy)],
    ...(balancedDecision
      ? [
          [
            'by balanced decision',
            `accuracy ${share(balancedDecision.accuracy)}, balanced ${share(balancedDecision.balancedAccuracy)}`,
          ] as const,
        ]
      : []),
    ...Object.entries(recall).map(([code, value]) => [`recall ${code}`, share(value)] as const),
    ['ECE, 10 bins', measured('ece', ece)],
    ['AUC malignant', measured('aucMalignant', summary.aucMalignant)],
    ['ms per image', msPerImage.toFixed(1)],
  ];
}

function rows(lines: readonly (readonly [string, string])[]): string[] {
  return lines.map(([name, value]) => `  ${name.padEnd(26)}${value}`);
}

function gateText({ photos, withheld, withheldRight, withheldMissed }: Gate): string {
  const costs =
    withheldRight === null ? '' : `; of these ${withheldRight} right, ${withheldMissed} malignant below every point`;
  return `${photos} photos, ${withheld} without a class${withheld > 0 ? costs : ''}`;
}

function subgroupText({ photos, judged }: Subgroup): string {
  if (!judged) return `${photos} photos, too few to judge`;
  const { right, interval, aucMalignant } = judged;
  return `${photos} photos, accuracy ${share(right / photos)}${range(interval)}, AUC malignant ${share(aucMalignant)}`;
}

function range(interval: Interval | null | undefined): string {
  return interval ? ` (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : '';
}

/** One photo as a line of JSON: what the model said, calibrated and rounded to 1e-6. */
export function jsonLine(
  { imageId, dx, classification }: Evaluated,
  classes: readonly string[],
  named: object = {},
): string {
  const { probabilities } = classification.scores;
  const byClass = classes.map((code, index) => [code, Number(probabilities[index]!.toFixed(6))] as const);
  return JSON.stringify({ ...named, image_id: imageId, dx, probabilities: Object.fromEntries(byClass) });
}

function share(value: number | null): string {
  return value === null ? 'no photo' : value.toFixed(4);
}
