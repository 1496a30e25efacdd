import type { Model, Request } from '../client/request.ts';
import type { Paint } from './paint.ts';
import { progressLine } from './render.ts';
import { percent, printable, wrapped } from './text.ts';

/** One line for one request of a list. */
export function listLine(request: Request, paint: Paint, now = new Date()): string {
  const { requestId, status, submittedAt, reference, predictions, assessment } = request;
  const top = predictions?.[0];
  const outcome = assessment ? [assessment.triage, top && `${top.code} ${percent(top.probability)}`] : [];
  const detail = outcome.length > 0 ? outcome.filter(Boolean).join(' ') : paint('dim', progressLine(request, now));
  const name = reference ? `  ${printable(reference)}` : '';
  return `${requestId}  ${(submittedAt ?? '').slice(0, 19).padEnd(19)}  ${status.padEnd(20)}  ${detail}${name}`;
}

/** What the model is, what it is for, and what was measured of it. */
export function modelLines(model: Model, paint: Paint): string[] {
  const head = [
    paint('bold', `${model.name} ${model.version}`),
    ...wrapped(model.intendedUse, '', 96),
    ...(model.trainedOn ? [`Trained on ${model.trainedOn}`] : []),
    ...(model.license ? [`License: ${model.license}`] : []),
  ];
  const classes = model.classes.map(
    ({ code, label, icd10, malignant }) =>
      `  ${code.padEnd(6)} ${label.padEnd(46)} ${(icd10 ?? '').padEnd(6)} ${malignant ? paint('red', '● malignant') : ''}`,
  );
  const points = model.operatingPoints.map(
    ({ name, classes: codes, threshold, sensitivity, specificity, sensitivityInterval, specificityInterval }) =>
      `  ${name.padEnd(14)} ${codes.join('+')} ≥ ${threshold}: sensitivity ${within(sensitivity, sensitivityInterval)}, ` +
      `specificity ${within(specificity, specificityInterval)}`,
  );
  return [
    ...[...head, ...viewLines(model), '', 'Classes', ...classes, '', 'Operating points', ...points, ''],
    ...[...measuredLines(model), ...subgroupLines(model)],
  ];
}

function viewLines({ views, modality }: Model): string[] {
  const seen = views === 1 ? 'Sees a photo once' : `Sees a photo in ${views} views and averages what it says of them`;
  if (!modality) return [seen, 'Does not tell dermoscopy from other photos'];
  const { threshold, doubtful, phonePhotosWithoutClass } = modality;
  const caught =
    phonePhotosWithoutClass === null ? '' : `, as of ${percent(phonePhotosWithoutClass)} of the phone photos tried`;
  return [
    seen,
    `No class below modality ${threshold}${caught}`,
    ...(doubtful === null ? [] : [`Neither ROUTINE nor confidence HIGH below modality ${doubtful}`]),
  ];
}

function subgroupLines({ subgroups }: Model): string[] {
  if (subgroups.length === 0) return [];
  const lines = subgroups.map(
    ({ name, n, accuracy, accuracyInterval, aucMalignant }) =>
      `  ${name.padEnd(24)} ${String(n).padStart(5)} images  accuracy ${within(accuracy, accuracyInterval)}, AUC malignant ${decimal(aucMalignant)}`,
  );
  return ['', 'By group', ...lines];
}

/** A share with its 95 % interval. */
function within(value: number | null, interval: { low: number; high: number } | null): string {
  return interval ? `${percent(value)} (${percent(interval.low)} to ${percent(interval.high)})` : percent(value);
}

function measuredLines({ measured }: Model): string[] {
  const lines = measured.flatMap(
    ({ dataset, n, accuracy, accuracyInterval, balancedAccuracy, ece, aucMalignant, aucMelanoma, recall }) => [
      `  ${dataset}, ${n} images`,
      `    accuracy ${within(accuracy, accuracyInterval)}, balanced ${percent(balancedAccuracy)}, ECE ${decimal(ece)}, ` +
        `AUC malignant ${decimal(aucMalignant)}, melanoma ${decimal(aucMelanoma)}`,
      `    recall ${recall.map(({ code, recall: share }) => `${code} ${percent(share)}`).join(', ')}`,
    ],
  );
  return ['Measured', ...lines];
}

function decimal(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}
