/** Calls `invoke` at a rate; with `first`, also at once with that merged into the input. */
export function startSchedule(everyMs: number, input: object, invoke: (input: object) => void, first?: object) {
  if (first) invoke({ ...input, ...first });
  const timer = setInterval(() => invoke(input), everyMs);
  return { stop: () => clearInterval(timer) };
}
