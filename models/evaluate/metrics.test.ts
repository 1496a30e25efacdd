import { describe, expect, test } from 'vitest';
import {
  accuracyOf,
  areaUnderRoc,
  balancedAccuracyOf,
  confusionMatrix,
  expectedCalibrationError,
  recalls,
  reliability,
  rocCurve,
  sensitivityAt,
  specificityAt,
  wilsonInterval,
} from './metrics.ts';

/** Three classes; truths 0 0 1 1 1, of which the second and the last are missed. */
const cases = [
  { truth: 0, probabilities: [0.9, 0.1, 0] },
  { truth: 0, probabilities: [0.3, 0.6, 0.1] },
  { truth: 1, probabilities: [0.2, 0.55, 0.25] },
  { truth: 1, probabilities: [0, 1, 0] },
  { truth: 1, probabilities: [0.1, 0.15, 0.75] },
];

test('the confusion matrix counts truths in rows and predictions in columns', () => {
  expect(confusionMatrix(cases, 3)).toEqual([
    [1, 1, 0],
    [0, 2, 1],
    [0, 0, 0],
  ]);
});

test('accuracy is 3 of 5, and balanced accuracy the mean of 1/2 and 2/3, leaving out the class that does not occur', () => {
  const matrix = confusionMatrix(cases, 3);
  expect(accuracyOf(cases)).toBe(0.6);
  expect(recalls(matrix)).toEqual([0.5, 2 / 3, null]);
  expect(balancedAccuracyOf(matrix)).toBeCloseTo(7 / 12, 12);
});

describe('calibration', () => {
  test('puts a probability on an edge into the bin below', () => {
    const bins = reliability(cases, 10);
    expect(bins.map((bin) => bin.count)).toEqual([0, 0, 0, 0, 0, 2, 0, 1, 1, 1]);
    expect(bins[5]!.confidence).toBeCloseTo(0.575, 12);
    expect(bins[5]!.accuracy).toBe(0.5);
  });

  // Bins: 2 × |0.5 − 0.575| + |0 − 0.75| + |1 − 0.9| + |1 − 1| = 0.15 + 0.75 + 0.1, over 5.
  test('error is 0.2 by hand', () => {
    expect(expectedCalibrationError(cases, 10)).toBeCloseTo(0.2, 12);
  });
});

describe('the ROC curve', () => {
  const scored = [
    { score: 0.9, positive: true },
    { score: 0.8, positive: false },
    { score: 0.7, positive: true },
    { score: 0.7, positive: false },
    { score: 0.1, positive: false },
  ];

  // Pairs of positive and negative: 0.9 beats all three; 0.7 loses, ties, wins: (3 + 1.5) / 6.
  test('covers 0.75 by counting pairs, a tie as half', () => {
    expect(areaUnderRoc(scored)).toBeCloseTo(0.75, 12);
  });

  test('runs from the origin to (1, 1), one point per score', () => {
    expect(rocCurve(scored)).toEqual([
      { falsePositiveRate: 0, truePositiveRate: 0 },
      { falsePositiveRate: 0, truePositiveRate: 0.5 },
      { falsePositiveRate: 1 / 3, truePositiveRate: 0.5 },
      { falsePositiveRate: 2 / 3, truePositiveRate: 1 },
      { falsePositiveRate: 1, truePositiveRate: 1 },
    ]);
  });

  test('does not exist for positives alone', () => {
    expect(areaUnderRoc(scored.filter((one) => one.positive))).toBeNull();
  });

  test('at a threshold counts a score on it as positive', () => {
    expect(sensitivityAt(scored, 0.7)).toBe(1);
    expect(specificityAt(scored, 0.7)).toBeCloseTo(1 / 3, 12);
    expect(sensitivityAt([], 0.5)).toBeNull();
  });
});

describe("Wilson's interval", () => {
  // z² = 3.84146; centre (0.5 + 0.192073) / 1.384146 = 0.5; half width 1.959964 × √(0.025 + 0.0096036) / 1.384146.
  test('of 5 in 10 is 0.2366 to 0.7634', () => {
    const { low, high } = wilsonInterval(5, 10);
    expect(low).toBeCloseTo(0.2366, 4);
    expect(high).toBeCloseTo(0.7634, 4);
  });

  test('of 10 in 10 ends at 1 and does not vanish', () => {
    const { low, high } = wilsonInterval(10, 10);
    expect(low).toBeCloseTo(0.7225, 4);
    expect(high).toBeCloseTo(1, 12);
  });

  test('of nothing is everything', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });
});
