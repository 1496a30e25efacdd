import { existsSync, readFileSync } from 'node:fs';

/** Milliseconds of each round of each task, taken in turns, so that a busy moment of the machine meets all of them. */
export async function takeTurns<Name extends string>(
  tasks: Record<Name, () => Promise<unknown>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(tasks) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (const name of names) await tasks[name]();
  for (let round = 0; round < rounds; round++) {
    for (const name of names) times[name].push(await timed(tasks[name]));
  }
  return times;
}

export async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Milliseconds of CPU that all processes have used since the machine started; null where the system does not say. */
function machineMilliseconds(): number | null {
  if (!existsSync('/proc/stat')) return null;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0]?.trim().split(/\s+/).slice(1) ?? []
  ).map(Number);
  return (user + nice + system + irq + softIrq + steal) * 10;
}

/**
 * Cores that other processes used while the task ran; 0 where the system does not say.
 *
 * @param task tells the CPU milliseconds of its child processes, which count as ours
 */
export async function whileOthersUse(task: () => Promise<number>): Promise<number> {
  const before = machineMilliseconds();
  const own = process.cpuUsage();
  const start = performance.now();
  const children = await task();
  const milliseconds = performance.now() - start;
  const used = process.cpuUsage(own);
  const after = machineMilliseconds();
  if (before === null || after === null) return 0;
  return Math.max(0, (after - before - children - (used.user + used.system) / 1000) / milliseconds);
}

/** Full load on two cores shows every other process on the machine: the half of the rounds in which those used least. */
export function quietestHalf<Round extends { othersUsed: number }>(rounds: readonly Round[]): Round[] {
  return rounds.toSorted((a, b) => a.othersUsed - b.othersUsed).slice(0, Math.ceil(rounds.length / 2));
}
