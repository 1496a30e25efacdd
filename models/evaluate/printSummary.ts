import type { Evaluated } from './classifyLabelled.ts';
import type { Summary } from './summary.ts';

/** A person's view of the summary, for a terminal. */
export function printSummary(summary: Summary): string {
  const { recall, n } = summary;
  const lines = [
    ['model', summary.model],
    ['images', String(n)],
    ['accuracy', share(summary.accuracy)],
    ['balanced accuracy', share(summary.balancedAccuracy)],
    ...Object.entries(recall).map(([code, value]) => [`recall ${code}`, share(value)]),
    ['ECE, 10 bins', share(summary.ece)],
    ['AUC malignant', share(summary.aucMalignant)],
    ['INCONCLUSIVE', `${summary.inconclusive} of ${n}`],
    ['ms per image', summary.msPerImage.toFixed(1)],
  ] as const;
  const rows = lines.map(([name, value]) => `${name!.padEnd(20)}${value}`);
  return [...rows, '', 'Measured on these photos alone. Not a diagnosis, and no medical device.'].join('\n');
}

/** One photo as a line of JSON: what the model said, calibrated and rounded to 1e-6. */
export function jsonLine({ imageId, dx, classification }: Evaluated, classes: readonly string[]): string {
  const { probabilities } = classification.scores;
  const byClass = classes.map((code, index) => [code, Number(probabilities[index]!.toFixed(6))] as const);
  return JSON.stringify({ image_id: imageId, dx, probabilities: Object.fromEntries(byClass) });
}

function share(value: number | null): string {
  return value === null ? 'no photo' : value.toFixed(4);
}
