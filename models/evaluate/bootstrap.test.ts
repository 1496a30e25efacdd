import { expect, test } from 'vitest';
import { bootstrapIntervals, generator } from './bootstrap.ts';

const mean = (sample: readonly { value: number }[]) => ({
  mean: sample.reduce((sum, { value }) => sum + value, 0) / sample.length,
});

test('an interval of a mean is the one of theory', () => {
  const random = generator(1);
  const items = Array.from({ length: 400 }, (_, index) => ({ id: `${index}`, value: random() < 0.5 ? 0 : 1 }));
  const { mean: interval } = bootstrapIntervals(items, ({ id }) => id, mean);
  const middle = mean(items).mean;
  // 1.96 standard errors of a share.
  expect(interval!.low).toBeCloseTo(middle - 0.049, 2);
  expect(interval!.high).toBeCloseTo(middle + 0.049, 2);
});

test('photos of one patient count together: with few patients it is wide, however many the photos', () => {
  const items = Array.from({ length: 400 }, (_, index) => ({ patient: `${index % 4}`, value: index % 4 < 2 ? 0 : 1 }));
  const { mean: interval } = bootstrapIntervals(items, ({ patient }) => patient, mean);
  expect(interval).toEqual({ low: 0, high: 1 });
});

test('the same items give the same interval, and a figure that a sample lacks has none', () => {
  const items = [{ value: 1 }, { value: 2 }];
  const once = bootstrapIntervals(items, ({ value }) => `${value}`, mean);
  expect(bootstrapIntervals(items, ({ value }) => `${value}`, mean)).toEqual(once);
  const rare = (sample: typeof items) => ({ rare: sample.some(({ value }) => value === 1) ? 1 : null });
  expect(
    bootstrapIntervals(
      items,
      ({ value }) => `${value}`,
      (sample) => rare([...sample]),
    ),
  ).toEqual({ rare: null });
});
