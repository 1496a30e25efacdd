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
    ({ name, classes: codes, threshold, sensitivity, specificity }) =>
      `  ${name.padEnd(14)} ${codes.join('+')} ≥ ${threshold}: sensitivity ${percent(sensitivity)}, specificity ${percent(specificity)}`,
  );
  return [...head, '', 'Classes', ...classes, '', 'Operating points', ...points, '', ...measuredLines(model)];
}

function measuredLines({ measured }: Model): string[] {
  const lines = measured.flatMap(
    ({ dataset, n, accuracy, balancedAccuracy, ece, aucMalignant, aucMelanoma, recall }) => [
      `  ${dataset}, ${n} images`,
      `    accuracy ${percent(accuracy)}, balanced ${percent(balancedAccuracy)}, ECE ${decimal(ece)}, ` +
        `AUC malignant ${decimal(aucMalignant)}, melanoma ${decimal(aucMelanoma)}`,
      `    recall ${recall.map(({ code, recall: share }) => `${code} ${percent(share)}`).join(', ')}`,
    ],
  );
  return ['Measured', ...lines];
}

function decimal(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}
