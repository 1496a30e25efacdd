import { classesOf, type ModelManifest } from '../../core/modelManifest.ts';
import type { Evaluated } from './classifyLabelled.ts';
import { malignantCodes } from './gates.ts';
import { byConfidence, byNotice, type Group, type PointResult, pointResults } from './honesty.ts';
import { confusionMatrix, reliability, rocCurve, sensitivityAt, specificityAt, wilsonInterval } from './metrics.ts';
import {
  confusionChart,
  type MarkedPoint,
  type Recall,
  recallChart,
  reliabilityChart,
  rocChart,
} from './report/charts.ts';
import { escapeText, page, percent, section, table } from './report/html.ts';
import { answersSection, rangeOf, setSections } from './report/setSections.ts';
import { type SetSummary, summarizeSet } from './setSummary.ts';
import type { EvaluatedSet } from './sets.ts';
import { caseOf, scoredFor } from './summary.ts';

/** The evaluation as one HTML file that loads nothing from elsewhere. It holds figures and image ids, no photo. */
export function renderReport(sets: readonly EvaluatedSet[], manifest: ModelManifest, madeAt: Date): string {
  const photos = sets.reduce((sum, { answered }) => sum + answered.length, 0);
  const title = `${escapeText(manifest.name)} ${escapeText(manifest.version)} on ${photos} photos`;
  const head = `<h1>${title}</h1>
<p><time datetime="${madeAt.toISOString()}">${madeAt.toISOString().slice(0, 10)}</time>, through the same image pipeline as the worker.</p>
<p class="warning"><strong>Not a diagnosis and not a medical device.</strong> These figures say how the model did on these
photos. They say nothing about other cameras, other skin or other lesions, and with few photos of a class little about
that class.</p>`;
  return page(title, [head, ...sets.map((set) => wholeSet(set, manifest, sets.length > 1))].join('\n'));
}

function wholeSet(set: EvaluatedSet, manifest: ModelManifest, named: boolean): string {
  const { evaluated } = set;
  const summary = summarizeSet(set, manifest);
  const title = named ? [`<h1>${escapeText(set.name)}</h1>`] : [];
  const labelled =
    evaluated.length === 0
      ? []
      : [
          overview(summary),
          confusion(evaluated, manifest),
          recall(evaluated, manifest),
          `<div class="pair">${roc(evaluated, manifest)}${calibration(evaluated, manifest)}</div>`,
          operatingPoints(pointResults(evaluated, manifest)),
          confidence(byConfidence(evaluated, manifest)),
          notices(byNotice(evaluated, manifest)),
          missed(evaluated, manifest),
        ];
  return [...title, answersSection(summary), ...labelled, ...setSections(summary)].join('\n');
}

function overview({ accuracy = 0, balancedAccuracy = 0, balancedDecision, ece = 0, ...summary }: SetSummary): string {
  const { intervals = {}, aucMalignant, msPerImage = 0 } = summary;
  const of = (figure: string) => rangeOf(intervals[figure]);
  const rows = [
    ['accuracy', `${percent(accuracy)} ${of('accuracy')}`],
    ['balanced accuracy', `${percent(balancedAccuracy)} ${of('balancedAccuracy')}`],
    ['expected calibration error, 10 bins', `${ece.toFixed(4)} ${of('ece')}`],
    ['AUC, malignant against benign', `${aucMalignant?.toFixed(4) ?? '–'} ${of('aucMalignant')}`],
    ...(balancedDecision
      ? [
          [
            'by balanced decision',
            `accuracy ${percent(balancedDecision.accuracy)}, balanced ${percent(balancedDecision.balancedAccuracy)}`,
          ],
        ]
      : []),
    ['milliseconds per image, median', msPerImage.toFixed(1)],
  ];
  const explanation =
    'Of the calibrated probabilities of every photo, nothing withheld; in brackets the 95 % interval of 1,000 bootstrap samples, by patient where the labels name one. The balanced decision divides each probability by the share of its class in training.';
  return section('At a glance', explanation, table(['figure', 'value'], rows));
}

function confusion(evaluated: readonly Evaluated[], manifest: ModelManifest): string {
  const counts = confusionMatrix(casesOf(evaluated, manifest), manifest.classes.length);
  const explanation =
    'A row holds the photos of one class, a column those that were called so; the ringed cells are right.';
  return section('Confusion matrix', explanation, confusionChart(counts, manifest.classes));
}

function recall(evaluated: readonly Evaluated[], manifest: ModelManifest): string {
  const counts = confusionMatrix(casesOf(evaluated, manifest), manifest.classes.length);
  const recalls: Recall[] = classesOf(manifest).map(({ code }, index) => {
    const photos = counts[index]!.reduce((sum, count) => sum + count, 0);
    const right = counts[index]![index]!;
    return { code, right, photos, interval: wilsonInterval(right, photos) };
  });
  const labels = new Map(classesOf(manifest).map((lesion) => [lesion.code, lesion.label]));
  const rows = recalls.map(({ code, right, photos }) => [
    `${escapeText(code)} <small>${escapeText(labels.get(code) ?? '')}</small>`,
    `${right} of ${photos}`,
    photos > 0 ? `${percent(right / photos)} ${interval(right, photos)}` : '–',
  ]);
  const explanation =
    'How many of each class were called so, with the 95 % Wilson interval: the fewer photos, the wider.';
  const both = `${recallChart(recalls)}${table(['class', 'right', 'recall'], rows)}`;
  return section('Recall per class', explanation, both);
}

function roc(evaluated: readonly Evaluated[], manifest: ModelManifest): string {
  const codes = malignantCodes(manifest);
  const scored = evaluated.map((photo) => scoredFor(photo, codes, manifest));
  const points = rocCurve(scored);
  if (points.length === 0) return section('ROC', 'Needs malignant and benign photos; here one kind is missing.', '');
  const marked: MarkedPoint[] = manifest.operatingPoints
    .filter((point) => sameSet(point.classes, codes))
    .map(({ name, threshold }) => ({
      name,
      falsePositiveRate: 1 - (specificityAt(scored, threshold) ?? 0),
      truePositiveRate: sensitivityAt(scored, threshold) ?? 0,
    }));
  const explanation = `Malignant (${escapeText(codes.join(', '))}) against benign. The dots are the manifest's operating points, measured here.`;
  return section('ROC', explanation, rocChart(points, marked));
}

function calibration(evaluated: readonly Evaluated[], manifest: ModelManifest): string {
  const explanation =
    'Calibrated, the bars end on the dashed line: of the photos given 80 %, eight in ten are right. The numbers above count the photos. A set with other shares of the classes than the training photos is off for that reason alone.';
  return section('Reliability', explanation, reliabilityChart(reliability(casesOf(evaluated, manifest))));
}

function operatingPoints(points: readonly PointResult[]): string {
  const rows = points.flatMap(({ name, classes, threshold, claimed, underPolicies }) => [
    [
      `${escapeText(name)} <small>${escapeText(classes.join(' + '))} ≥ ${threshold}</small>`,
      'as the manifest has it',
      '',
      percent(claimed?.sensitivity ?? null),
      percent(claimed?.specificity ?? null),
    ],
    ...underPolicies.map((one) => [
      '',
      one.policy,
      String(one.photos),
      percent(one.sensitivity),
      percent(one.specificity),
    ]),
  ]);
  const explanation =
    'Triage goes by these points. Below each: what is left of its sensitivity and specificity if INCONCLUSIVE photos, and photos with a notice, are taken again or shown to a doctor instead of being believed.';
  return section(
    'Operating points, INCONCLUSIVE and notices',
    explanation,
    table(['operating point', 'on', 'photos', 'sensitivity', 'specificity'], rows),
  );
}

function confidence(groups: readonly Group<string>[]): string {
  const explanation = 'If the confidence is worth its name, the share of right first classes falls from HIGH to LOW.';
  return section('Confidence', explanation, groupTable('confidence', groups));
}

function notices(groups: readonly Group<string>[]): string {
  if (groups.length === 0) return section('Notices', 'None of these photos got a notice.', '');
  return section('Notices', 'A photo may carry several.', groupTable('notice', groups));
}

function missed(evaluated: readonly Evaluated[], manifest: ModelManifest): string {
  const codes = malignantCodes(manifest);
  const ids = evaluated
    .filter(({ dx, classification }) => codes.includes(dx) && classification.result.assessment.triage === 'ROUTINE')
    .map(({ imageId, dx }) => `<li>${escapeText(imageId)} <small>${escapeText(dx)}</small></li>`);
  const explanation = `${ids.length} malignant or pre-malignant lesions stayed below every operating point and would be called ROUTINE.`;
  return section('Missed', explanation, ids.length > 0 ? `<ul>${ids.join('')}</ul>` : '');
}

function groupTable(name: string, groups: readonly Group<string>[]): string {
  const rows = groups.map(({ name, photos, right }) => [
    escapeText(name),
    String(photos),
    photos > 0 ? `${percent(right / photos)} ${interval(right, photos)}` : '–',
  ]);
  return table([name, 'photos', 'first class right'], rows);
}

function interval(successes: number, trials: number): string {
  const { low, high } = wilsonInterval(successes, trials);
  return `<small>(${percent(low)} to ${percent(high)})</small>`;
}

function casesOf(evaluated: readonly Evaluated[], manifest: ModelManifest) {
  return evaluated.map((photo) => caseOf(photo, manifest));
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((member) => b.includes(member));
}
