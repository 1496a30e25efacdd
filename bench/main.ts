/** `npm run bench`: measures what the design holds, each figure beside its reference of the same run. A figure that is off is no error. */
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureBundles } from './bundles.ts';
import { measureCold } from './cold.ts';
import { type Effort, type Figure, fromJson, toJson } from './figure.ts';
import { measureHistory } from './history.ts';
import { run as runInference } from './inference.ts';
import { figuresOfInference } from './inferenceFigures.ts';
import { measureLocal } from './local.ts';
import { printTable } from './printTable.ts';
import { runNode } from './processes.ts';

const USAGE = `npm run bench [-- PART] [--json] [--quick] [--full]

Measures, each figure beside its reference of the same run. Without a PART: all of them, about ten minutes.

  inference   what the worker adds to bare decode and bare run; with options of its own, see docs/performance.md
  local       the embedded run: change → subscriber, submit → COMPLETED, start, memory, demo
  cold        the inference function, from the start of its process to its first result
  bundles     size of the bundles and the asset, and what an import costs a fresh process
  history     reads and writes as the history grows

  --json      one JSON object a line, its details included
  --quick     a few rounds: shows that everything runs, its figures mean little
  --full      history of 100,000 requests in the place of 20,000
  --help      this`;

type OwnPart = 'local' | 'cold' | 'bundles' | 'history';
const PARTS: Record<OwnPart, (effort: Effort) => Promise<Figure[]>> = {
  local: measureLocal,
  cold: measureCold,
  bundles: measureBundles,
  history: measureHistory,
};
const ORDER = ['inference', 'cold', 'local', 'bundles', 'history'] as const;
type Part = (typeof ORDER)[number];

class UsageError extends Error {}

async function main(args: string[]): Promise<void> {
  if (args.includes('--help')) return console.log(USAGE);
  if (args.includes('inference')) return await runInference(inferenceArguments(args));
  const { part, effort, json } = readArguments(args);
  console.error(machine());
  const figures = part ? await PARTS[part](effort) : await measureAll(effort);
  if (json) for (const figure of figures) console.log(JSON.stringify(toJson(figure)));
  else console.log(`\n${printTable(part ? figures : figures.filter(({ detail }) => !detail))}\n\n${machine()}`);
}

/** It has options of its own; what all parts take means this to it. */
function inferenceArguments(args: string[]): string[] {
  const meanings: Record<string, string[]> = { inference: [], '--full': [], '--quick': ['--rounds', '4'] };
  return args.flatMap((argument) => meanings[argument] ?? argument);
}

function readArguments(args: string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: flag, quick: flag, full: flag },
  });
  const [part, ...more] = positionals;
  if ((part && !isOwnPart(part)) || more.length > 0) throw new UsageError(`There is no part ${positionals.join(' ')}`);
  const effort: Effort = values.quick ? 'quick' : values.full ? 'full' : 'normal';
  return { part: part && isOwnPart(part) ? part : undefined, effort, json: values.json };
}

function isOwnPart(name: string): name is OwnPart {
  return Object.hasOwn(PARTS, name);
}

/** Each part in a process of its own: what one leaves in memory must not weigh on the next. */
async function measureAll(effort: Effort): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const part of ORDER) {
    console.error(`${part} …`);
    try {
      figures.push(...(await measureInProcess(part, effort)));
    } catch (error) {
      // The other parts are still worth their minutes.
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }
  }
  return figures;
}

async function measureInProcess(part: Part, effort: Effort): Promise<Figure[]> {
  const options = effort === 'normal' ? [] : [`--${effort}`];
  const { stdout } = await runNode([fileURLToPath(import.meta.url), part, '--json', ...options]);
  if (part === 'inference') return figuresOfInference(stdout);
  return stdout
    .trim()
    .split('\n')
    .map((line) => fromJson(JSON.parse(line)));
}

/** The figures of a busy machine say little: whoever reads them should see what it was. */
function machine(): string {
  const load = loadavg().map((average) => average.toFixed(1));
  return `Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model}), load average ${load.join(' ')}`;
}

// With an exit, whatever a part has started is stopped.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = 1;
}
// Sockets that clients keep for the next call would hold the process.
process.exit();
