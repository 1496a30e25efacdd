import type { ModelManifest } from '../../core/modelManifest.ts';

/** A prior that is not one of these classes' would turn the balanced decision into nonsense. */
export function priorProblems({ classes, trainingPrior }: ModelManifest): string[] {
  if (!trainingPrior) return [];
  const named = Object.keys(trainingPrior);
  if (named.length !== classes.length || !classes.every((code) => trainingPrior[code])) {
    return [`trainingPrior names ${named}; it must name ${classes}, each with a share above 0`];
  }
  const sum = Object.values(trainingPrior).reduce((total, share) => total + share, 0);
  return Math.abs(sum - 1) > 0.01 ? [`the shares of trainingPrior sum to ${sum.toFixed(3)}, not to 1`] : [];
}

/** Not ECE: bootstrapped, it comes out larger, so that its interval may lie above it. */
const measures = [
  'accuracy',
  'balancedAccuracy',
  'aucMalignant',
  'aucMelanoma',
  'adjustedAccuracy',
  'adjustedBalancedAccuracy',
] as const;

interface Pair {
  of: string;
  figure: number | undefined;
  interval: readonly [number, number] | undefined;
}

/** A figure and its interval are copied by hand, from different tables: the one must lie within the other. */
export function intervalProblems(manifest: ModelManifest): string[] {
  return [...ofOperatingPoints(manifest), ...ofMetrics(manifest), ...ofSubgroups(manifest)].flatMap(
    ({ of, figure, interval: [low, high] = [0, 1] }) =>
      figure !== undefined && (figure < low || figure > high)
        ? [`${of}: ${figure} lies outside its interval, ${low} to ${high}`]
        : [],
  );
}

function ofOperatingPoints({ operatingPoints }: ModelManifest): Pair[] {
  return operatingPoints.flatMap(({ name, officialTest, validation, interval95 }) =>
    (['sensitivity', 'specificity'] as const).map((measure) => ({
      of: `operating point "${name}", ${measure}`,
      figure: (officialTest ?? validation)?.[measure],
      interval: interval95?.[measure],
    })),
  );
}

function ofMetrics({ metrics }: ModelManifest): Pair[] {
  return Object.entries(metrics).flatMap(([dataset, figures]) => [
    ...measures.map((measure) => ({
      of: `${dataset}, ${measure}`,
      figure: figures[measure],
      interval: figures.interval95?.[measure],
    })),
    ...Object.entries(figures.recallInterval95 ?? {}).map(([code, interval]) => ({
      of: `${dataset}, recall of ${code}`,
      figure: figures.recall?.[code],
      interval,
    })),
  ]);
}

function ofSubgroups({ subgroups = {} }: ModelManifest): Pair[] {
  return Object.entries(subgroups).flatMap(([name, group]) => [
    { of: `${name}, accuracy`, figure: group.accuracy, interval: group.accuracyInterval95 },
    { of: `${name}, aucMalignant`, figure: group.aucMalignant, interval: group.aucInterval95 },
  ]);
}
