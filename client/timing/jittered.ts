/** Up to a fifth more or less, so that many clients do not act in step. */
export function jittered(milliseconds: number): number {
  return milliseconds * (0.8 + 0.4 * Math.random());
}
