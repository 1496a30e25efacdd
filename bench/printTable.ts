import { type Figure, ratioOf } from './figure.ts';

const HEADINGS = ['figure', 'measured', 'reference in the same run', 'ratio', 'design holds', 'holds'];

/** One line a figure, in columns; what is off stands out by a NO. */
export function printTable(figures: readonly Figure[]): string {
  const rows = [HEADINGS, ...figures.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0], widths.map((width) => '─'.repeat(width)).join('  '), ...lines.slice(1)].join('\n');
}

function cellsOf(figure: Figure): string[] {
  const { reference, hold, unit, measured } = figure;
  const ratio = ratioOf(figure);
  return [
    figure.figure,
    `${quantity(measured, unit)}${rangeOf(figure)}`,
    reference ? `${reference.what}: ${quantity(reference.value, unit)}` : '–',
    ratio === undefined ? '–' : `${ratio.toFixed(2)} ×`,
    hold?.text ?? '–',
    hold ? (measured <= hold.limit ? 'yes' : 'NO') : '–',
  ];
}

function rangeOf({ min, max, samples = 1 }: Figure): string {
  return min === undefined || max === undefined || samples < 2 ? '' : ` (${round(min)}–${round(max)}, n=${samples})`;
}

function quantity(value: number, unit: string): string {
  return `${round(value)} ${unit}`;
}

function round(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}
