import type { Interval, ReliabilityBin, RocPoint } from '../metrics.ts';
import { escapeText, percent } from './html.ts';

/** A square plot of shares: both axes run from 0 to 1. */
const plot = { left: 52, top: 18, side: 300 };
const width = plot.left + plot.side + 16;
const height = plot.top + plot.side + 44;

const x = (share: number) => round(plot.left + share * plot.side);
const y = (share: number) => round(plot.top + (1 - share) * plot.side);

export interface MarkedPoint extends RocPoint {
  name: string;
}

export function rocChart(points: readonly RocPoint[], marked: readonly MarkedPoint[]): string {
  const line = points.map((point) => `${x(point.falsePositiveRate)},${y(point.truePositiveRate)}`).join(' ');
  // The points lie close together near the corner: their names go where the curve leaves room.
  const dots = marked.map((point, index) => {
    const [cx, cy] = [x(point.falsePositiveRate), y(point.truePositiveRate)];
    const [tx, ty] = [x(0.55), y(0.62 - index * 0.08)];
    const leader = `<line class="axis" x1="${cx}" y1="${cy}" x2="${tx - 4}" y2="${ty - 4}"/>`;
    return `${leader}<circle class="dot" cx="${cx}" cy="${cy}" r="5"/><text x="${tx}" y="${ty}">${escapeText(point.name)}</text>`;
  });
  return squareChart(
    'ROC curve, malignant against benign',
    ['1 − specificity', 'sensitivity'],
    `${diagonal}<polyline class="curve" points="${line}"/>${dots.join('')}`,
  );
}

export function reliabilityChart(bins: readonly ReliabilityBin[]): string {
  const bars = bins.map((bin, index) => {
    if (bin.count === 0) return '';
    const [left, right] = [x(index / bins.length), x((index + 1) / bins.length)];
    const title = `<title>${bin.count} photos: ${percent(bin.accuracy)} right at a mean probability of ${percent(bin.confidence)}</title>`;
    const count = `<text class="soft" x="${(left + right) / 2}" y="${plot.top - 5}" text-anchor="middle">${bin.count}</text>`;
    const rectangle = `<rect class="bar" x="${left}" y="${y(bin.accuracy)}" width="${right - left}" height="${round(y(0) - y(bin.accuracy))}">${title}</rect>`;
    return `${rectangle}<circle class="dot" cx="${x(bin.confidence)}" cy="${y(bin.accuracy)}" r="4"/>${count}`;
  });
  const axes = ['probability of the first class', 'share that was right'] as const;
  return squareChart('Reliability diagram', axes, `${bars.join('')}${diagonal}`);
}

/** counts[truth][predicted]; a cell is the darker, the larger its share of the row. */
export function confusionChart(counts: readonly (readonly number[])[], classes: readonly string[]): string {
  const cell = 44;
  const [left, top] = [96, 44];
  const side = cell * classes.length;
  const cells = counts.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => {
      const [cx, cy] = [left + predicted * cell, top + truth * cell];
      const share = total > 0 ? count / total : 0;
      const title = `<title>${count} of ${total} ${escapeText(classes[truth]!)} were called ${escapeText(classes[predicted]!)}</title>`;
      const square = `<rect class="axis" x="${cx}" y="${cy}" width="${cell}" height="${cell}" style="fill: rgb(var(--cell) / ${round(share * 0.75)})">${title}</rect>`;
      const ring =
        truth === predicted
          ? `<rect class="whisker" fill="none" x="${cx + 2}" y="${cy + 2}" width="${cell - 4}" height="${cell - 4}"/>`
          : '';
      return `${square}${ring}<text x="${cx + cell / 2}" y="${cy + cell / 2 + 4}" text-anchor="middle">${count}</text>`;
    });
  });
  const heads = classes.map((code, index) => {
    const middle = index * cell + cell / 2;
    const column = `<text x="${left + middle}" y="${top - 8}" text-anchor="middle">${escapeText(code)}</text>`;
    return `${column}<text x="${left - 8}" y="${top + middle + 4}" text-anchor="end">${escapeText(code)}</text>`;
  });
  const axes = `<text class="soft" x="${left + side / 2}" y="14" text-anchor="middle">called</text><text class="soft" x="4" y="${top + side / 2}">is</text>`;
  return svg(left + side + 8, top + side + 8, 'Confusion matrix', `${axes}${heads.join('')}${cells.join('')}`);
}

export interface Recall {
  code: string;
  right: number;
  photos: number;
  interval: Interval;
}

/** Recall of each class as a dot on its confidence interval. */
export function recallChart(recalls: readonly Recall[]): string {
  const row = 26;
  const bottom = plot.top + recalls.length * row;
  const rows = recalls.map(({ code, right, photos, interval }, index) => {
    const middle = plot.top + index * row + row / 2;
    const name = `<text x="${plot.left - 8}" y="${middle + 4}" text-anchor="end">${escapeText(code)}</text>`;
    if (photos === 0) return name;
    const range = `<line class="whisker" x1="${x(interval.low)}" x2="${x(interval.high)}" y1="${middle}" y2="${middle}"/>`;
    return `${name}${range}<circle class="dot" cx="${x(right / photos)}" cy="${middle}" r="5"/>`;
  });
  const grid = ticks.map((tick) => {
    const line = `<line class="axis" x1="${x(tick)}" x2="${x(tick)}" y1="${plot.top}" y2="${bottom}"/>`;
    return `${line}<text class="soft" x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${tick * 100} %</text>`;
  });
  return svg(
    width + 12,
    bottom + 24,
    'Recall of each class with its 95 % interval',
    `${grid.join('')}${rows.join('')}`,
  );
}

const ticks = [0, 0.25, 0.5, 0.75, 1];
const diagonal = `<line class="ideal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>`;

function squareChart(label: string, [below, beside]: readonly [string, string], content: string): string {
  const frame = `<rect class="axis" x="${plot.left}" y="${plot.top}" width="${plot.side}" height="${plot.side}"/>`;
  const marks = ticks.map((tick) => {
    const across = `<text class="soft" x="${x(tick)}" y="${y(0) + 16}" text-anchor="middle">${tick}</text>`;
    return `${across}<text class="soft" x="${plot.left - 6}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`;
  });
  const middle = plot.top + plot.side / 2;
  const names = `<text x="${x(0.5)}" y="${height - 8}" text-anchor="middle">${below}</text><text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">${beside}</text>`;
  return svg(width, height, label, `${frame}${marks.join('')}${content}${names}`);
}

function svg(wide: number, high: number, label: string, content: string): string {
  return `<svg viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" role="img" aria-label="${label}">${content}</svg>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
