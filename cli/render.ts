import { hasEnded, type Request, type Update } from '../client/request.ts';
import type { Paint } from './paint.ts';
import { bar, duration, percent, printable, shade, wrapped } from './text.ts';

const WIDTH = 96;
const BAR = 24;

const triageMeaning = {
  URGENT: 'a doctor should see this within days rather than weeks',
  SOON: 'a doctor should see this in the coming weeks',
  ROUTINE: 'no haste, but show it to a doctor if it changes or worries you',
  INCONCLUSIVE: 'the photo is too unlike what the model knows; take another, or show the lesion to a doctor',
} as const;

const triageStyle = { URGENT: 'red', SOON: 'yellow', ROUTINE: 'green', INCONCLUSIVE: 'cyan' } as const;

const waitingFor = {
  PENDING: 'waiting in the queue for a worker',
  PROCESSING: 'a worker has it',
  AWAITING_DESCRIPTION: 'the numbers are there, the description is being written',
} as const;

/**
 * One line for one change.
 *
 * @param milliseconds since it was submitted
 */
export function updateLine({ request, via }: Update, milliseconds: number, paint: Paint): string {
  const time = `${(milliseconds / 1000).toFixed(3)} s`.padStart(10);
  const status = paint(hasEnded(request) ? 'bold' : 'cyan', request.status.padEnd(20));
  return `${time}  ${status}  v${String(request.version).padEnd(3)} ${paint('dim', `by ${via}`)}`;
}

/** Everything that is known of a request, as lines for a terminal. */
export function resultLines(request: Request, paint: Paint, now = new Date()): string[] {
  const sections = [
    headLines(request, paint, now),
    errorLines(request, paint),
    assessmentLines(request, paint),
    predictionLines(request, paint),
    noticeLines(request, paint),
    heatmapLines(request),
    descriptionLines(request, paint),
    wrapped(printable(request.disclaimer), '', WIDTH).map((line) => paint('bold', line)),
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

function headLines(request: Request, paint: Paint, now: Date): string[] {
  const { requestId, reference, status, model } = request;
  const name = reference ? `${printable(reference)}  ` : '';
  const by = model ? `  by ${model.name} ${model.version}` : '';
  const progress = progressLine(request, now);
  return [
    `${paint('bold', name + status)}  ${requestId}${paint('dim', by)}`,
    ...(progress ? [paint('dim', progress)] : []),
  ];
}

/** "Stuck or queued?": since when it is as it is, for what it waits, how often it was tried, where the time went. */
export function progressLine(request: Request, now: Date): string {
  const { status, attempt, timings } = request;
  const since = request.timeline?.at(-1)?.at ?? request.updatedAt;
  const age = since ? Math.max(now.getTime() - Date.parse(since), 0) : 0;
  const state = isWaiting(status) ? `${status} for ${duration(age)}: ${waitingFor[status]}` : tookLine(request);
  const stages = Object.entries(timings ?? {}).filter(
    (stage): stage is [string, number] => typeof stage[1] === 'number',
  );
  const parts = stages.map(([stage, milliseconds]) => `${stage} ${duration(milliseconds)}`);
  return [state, attempt === null ? '' : `attempt ${attempt}`, ...parts].filter(Boolean).join(' · ');
}

function isWaiting(status: string): status is keyof typeof waitingFor {
  return Object.hasOwn(waitingFor, status);
}

function tookLine({ submittedAt, updatedAt }: Request): string {
  if (!submittedAt || !updatedAt) return '';
  return `took ${duration(Date.parse(updatedAt) - Date.parse(submittedAt))}`;
}

function errorLines({ error }: Request, paint: Paint): string[] {
  if (!error) return [];
  const advice = error.retryable ? 'A retry can help.' : 'The same photo would fail again.';
  return [paint('red', `${error.code}: ${printable(error.message)}`), paint('dim', advice)];
}

function assessmentLines({ assessment }: Request, paint: Paint): string[] {
  if (!assessment) return [];
  const { triage, malignantProbability, confidence, operatingPoints } = assessment;
  const head = `${paint(triageStyle[triage], paint('bold', triage))}  ${triageMeaning[triage]}`;
  const numbers = `malignant or pre-malignant ${percent(malignantProbability)} · confidence ${confidence}`;
  const points = operatingPoints.map(
    ({ name, score, threshold, reached, sensitivity, specificity }) =>
      `  ${reached ? '▲' : '▽'} ${name.padEnd(14)} ${score.toFixed(3)} ${reached ? '≥' : '<'} ${threshold.toFixed(3)}` +
      paint('dim', `  measured: sensitivity ${percent(sensitivity)}, specificity ${percent(specificity)}`),
  );
  return [head, numbers, ...points];
}

function predictionLines({ predictions }: Request, paint: Paint): string[] {
  const rows = predictions ?? [];
  const widest = (texts: string[]) => Math.max(...texts.map(({ length }) => length));
  const codes = widest(rows.map(({ code }) => code));
  const labels = widest(rows.map(({ label }) => label));
  return rows.map(({ code, label, probability, icd10, malignant }) => {
    const blocks = paint(malignant ? 'red' : 'green', bar(probability, BAR));
    const mark = malignant ? paint('red', '● malignant') : '';
    const numbers = `${percent(probability).padStart(7)}  ${(icd10 ?? '').padEnd(6)}`;
    return `${code.padEnd(codes)}  ${label.padEnd(labels)}  ${blocks} ${numbers} ${mark}`.trimEnd();
  });
}

function noticeLines({ assessment }: Request, paint: Paint): string[] {
  return (assessment?.notices ?? []).flatMap(({ code, message, measure, value, threshold, source }) => [
    `${paint('yellow', `! ${code}`)}  ${printable(message)}`,
    paint('dim', `  ${measure} ${compact(value)}, threshold ${compact(threshold)} (${printable(source)})`),
  ]);
}

function heatmapLines({ heatmap }: Request): string[] {
  if (!heatmap) return [];
  const { rows, columns, values, left, top, size } = heatmap;
  const lines = Array.from({ length: rows }, (_, row) => {
    const cells = values.slice(row * columns, (row + 1) * columns);
    return `  ${cells.map(shade).join('')}`;
  });
  return [`Where the model looked (square of ${size} px at ${left}, ${top}):`, ...lines];
}

function descriptionLines({ description }: Request, paint: Paint): string[] {
  if (!description) return [];
  const { text, source, language, model, fallbackReason } = description;
  const origin = [source, model, language, fallbackReason].filter(Boolean).join(', ');
  const paragraphs = text.split(/\n+/).flatMap((paragraph) => wrapped(printable(paragraph), '  ', WIDTH));
  return [`Description ${paint('dim', `(${origin})`)}`, ...paragraphs];
}

function compact(value: number): string {
  return String(Number(value.toPrecision(3)));
}
