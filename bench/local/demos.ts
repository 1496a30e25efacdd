import * as z from 'zod';
import { type Effort, type Figure, median, medianFigure } from '../figure.ts';
import { emptyNode, runNode } from '../processes.ts';

const update = z.object({ type: z.literal('update'), status: z.string(), ms: z.number() });

/** The demo as it runs without arguments: a synthetic photo, described, through functions that all start cold. */
export async function measureDemos(effort: Effort): Promise<Figure[]> {
  const completed: number[] = [];
  const whole: number[] = [];
  const empty: number[] = [];
  for (let round = 0; round < (effort === 'quick' ? 1 : 3); round++) {
    empty.push(await emptyNode());
    const { stdout, untilEnd } = await runNode(['local/demo.ts', '--json']);
    const updates = stdout.split('\n').flatMap((line) => update.safeParse(JSON.parse(line || 'null')).data ?? []);
    const last = updates.find(({ status }) => status === 'COMPLETED');
    if (!last) throw new Error(`The demo did not come to COMPLETED:\n${stdout}`);
    completed.push(last.ms);
    whole.push(untilEnd);
  }
  const reference = { what: 'node -e 0', value: median(empty) };
  return [
    medianFigure('demo, submit → COMPLETED, described, all functions cold', 'ms', completed, { reference }),
    medianFigure('demo, the whole command', 'ms', whole, { reference }),
  ];
}
