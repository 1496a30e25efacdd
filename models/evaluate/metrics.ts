/** One photo whose class is known. */
export interface Case {
  /** Position of the true class. */
  truth: number;
  /** One per class, summing to 1. */
  probabilities: readonly number[];
}

/** Of one bin of a reliability diagram. */
export interface ReliabilityBin {
  count: number;
  /** Mean probability of the first class; 0 where the bin is empty. */
  confidence: number;
  /** Share that was right. */
  accuracy: number;
}

export interface RocPoint {
  falsePositiveRate: number;
  truePositiveRate: number;
}

export interface Interval {
  low: number;
  high: number;
}

/** A score for being positive, and whether it is. */
export interface Scored {
  score: number;
  positive: boolean;
}

/** The first class wins a tie, as in the API. */
export function predictedClass(probabilities: readonly number[]): number {
  return probabilities.indexOf(Math.max(...probabilities));
}

/** counts[truth][predicted] */
export function confusionMatrix(cases: readonly Case[], classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { truth, probabilities } of cases) counts[truth]![predictedClass(probabilities)]! += 1;
  return counts;
}

export function accuracyOf(cases: readonly Case[]): number {
  return share(cases, isRight);
}

/** Recall of each class; null for a class of which there is no photo. */
export function recalls(matrix: readonly (readonly number[])[]): (number | null)[] {
  return matrix.map((row, truth) => {
    const total = sum(row);
    return total > 0 ? row[truth]! / total : null;
  });
}

/** Mean recall of the classes that occur. */
export function balancedAccuracyOf(matrix: readonly (readonly number[])[]): number {
  const known = recalls(matrix).filter((recall) => recall !== null);
  return sum(known) / known.length;
}

/** Equal bins of the first class's probability; a probability on an edge belongs to the bin below. */
export function reliability(cases: readonly Case[], bins = 10): ReliabilityBin[] {
  const grouped = Map.groupBy(cases, ({ probabilities }) => binOf(Math.max(...probabilities), bins));
  return Array.from({ length: bins }, (_, bin) => {
    const members = grouped.get(bin) ?? [];
    const confidence = members.length > 0 ? sum(members.map(firstProbability)) / members.length : 0;
    return { count: members.length, confidence, accuracy: members.length > 0 ? accuracyOf(members) : 0 };
  });
}

/** Expected calibration error (Naeini et al. 2015; Guo et al. 2017): |accuracy − confidence| over equal bins, by their size. */
export function expectedCalibrationError(cases: readonly Case[], bins = 10): number {
  const gaps = reliability(cases, bins).map((bin) => bin.count * Math.abs(bin.accuracy - bin.confidence));
  return sum(gaps) / cases.length;
}

/**
 * Area under the ROC curve as the Mann–Whitney statistic: how often a positive scores above a negative, ties half.
 * null where one side has no case.
 */
export function areaUnderRoc(cases: readonly Scored[]): number | null {
  const points = rocCurve(cases);
  if (points.length === 0) return null;
  return sum(points.slice(1).map((point, index) => trapezoid(points[index]!, point)));
}

/** From (0, 0) to (1, 1), one point per distinct score, highest first; empty where one side has no case. */
export function rocCurve(cases: readonly Scored[]): RocPoint[] {
  const positives = cases.filter((scored) => scored.positive).length;
  const negatives = cases.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const groups = [...Map.groupBy(cases, (scored) => scored.score)].sort(([a], [b]) => b - a);
  const points = [{ falsePositiveRate: 0, truePositiveRate: 0 }];
  let [truePositives, falsePositives] = [0, 0];
  for (const [, group] of groups) {
    const hits = group.filter((scored) => scored.positive).length;
    truePositives += hits;
    falsePositives += group.length - hits;
    points.push({ falsePositiveRate: falsePositives / negatives, truePositiveRate: truePositives / positives });
  }
  return points;
}

/** Share of the positives at or above the threshold; null without positives. */
export function sensitivityAt(cases: readonly Scored[], threshold: number): number | null {
  const positives = cases.filter((scored) => scored.positive);
  return positives.length > 0 ? share(positives, (scored) => scored.score >= threshold) : null;
}

/** Share of the negatives below the threshold; null without negatives. */
export function specificityAt(cases: readonly Scored[], threshold: number): number | null {
  const negatives = cases.filter((scored) => !scored.positive);
  return negatives.length > 0 ? share(negatives, (scored) => scored.score < threshold) : null;
}

/** Wilson's score interval of a share (Wilson 1927), 95 %: unlike the textbook one it holds for few cases too. */
export function wilsonInterval(successes: number, trials: number, z = 1.959964): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const p = successes / trials;
  const square = (z * z) / trials;
  const middle = (p + square / 2) / (1 + square);
  const half = (z * Math.sqrt((p * (1 - p)) / trials + square / (4 * trials))) / (1 + square);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export function isRight({ truth, probabilities }: Case): boolean {
  return predictedClass(probabilities) === truth;
}

function firstProbability({ probabilities }: Case): number {
  return Math.max(...probabilities);
}

function binOf(probability: number, bins: number): number {
  return Math.min(bins - 1, Math.max(0, Math.ceil(probability * bins) - 1));
}

function trapezoid(from: RocPoint, to: RocPoint): number {
  return ((to.falsePositiveRate - from.falsePositiveRate) * (from.truePositiveRate + to.truePositiveRate)) / 2;
}

function share<Item>(items: readonly Item[], counts: (item: Item) => boolean): number {
  return items.filter(counts).length / items.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
