import type { Interval } from './metrics.ts';

export const SAMPLES = 1000;
const SEED = 20_180_714;

export type Figures = Record<string, number | null>;

/**
 * 95 % percentile intervals by the bootstrap (Efron 1979): whole groups are drawn again and again, with replacement, so
 * that several photos of one patient do not pass for several patients. The same items give the same intervals.
 *
 * @param groupOf e.g. the patient
 * @returns for each figure; null where one of the samples had no value for it
 */
export function bootstrapIntervals<Item>(
  items: readonly Item[],
  groupOf: (item: Item) => string,
  figuresOf: (sample: readonly Item[]) => Figures,
  samples = SAMPLES,
): Record<string, Interval | null> {
  const groups = [...Map.groupBy(items, groupOf).values()];
  const random = generator(SEED);
  const drawn = Array.from({ length: samples }, () => {
    const sample = groups.flatMap(() => groups[Math.floor(random() * groups.length)] ?? []);
    return figuresOf(sample);
  });
  const names = Object.keys(drawn[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, intervalOf(drawn.map((figures) => figures[name] ?? null))]));
}

function intervalOf(values: readonly (number | null)[]): Interval | null {
  const known = values.filter((value) => value !== null).sort((one, other) => one - other);
  if (known.length < values.length || known.length === 0) return null;
  const at = (share: number) => known[Math.round(share * (known.length - 1))] ?? 0;
  return { low: at(0.025), high: at(0.975) };
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
