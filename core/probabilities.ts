/**
 * Temperature-scaled softmax (Guo et al. 2017, "On Calibration of Modern Neural Networks").
 *
 * @param logits one per class
 * @returns probabilities in the same order, summing to 1
 * @throws Error if a logit is not finite
 */
export function calibrate(logits: ArrayLike<number>, temperature: number): number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  if (!scaled.every(Number.isFinite)) throw new Error('The model returned a logit that is not a finite number');
  const highest = Math.max(...scaled);
  const exponentials = scaled.map((value) => Math.exp(value - highest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

/** One after the other, the mean over all views: each calibrated, then averaged. */
export function averageProbabilities(logits: readonly ArrayLike<number>[], temperature: number): number[] {
  const views = logits.map((view) => calibrate(view, temperature));
  const [first = []] = views;
  return first.map((_, index) => views.reduce((sum, view) => sum + view[index]!, 0) / views.length);
}

/** Most probable minus second, 0 to 1. */
export function marginOf(probabilities: readonly number[]): number {
  const [first = 0, second = 0] = [...probabilities].sort((a, b) => b - a);
  return first - second;
}

/** Shannon entropy over its maximum: 0 is certain, 1 is no idea. */
export function normalizedEntropy(probabilities: readonly number[]): number {
  const entropy = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  return entropy / Math.log(probabilities.length);
}
