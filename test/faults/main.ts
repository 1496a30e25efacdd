import { parseArgs } from 'node:util';
import { synthesizeProduct } from '../../local/product.ts';
import { render } from './report.ts';
import { runFaults } from './run.ts';

const USAGE = `npm run faults [-- OPTIONS]   breaks the embedded cloud at random and checks that every promise holds

  --requests N   how many (default 500)
  --owners N     of how many users (default 20)
  --seed N       the same again injects the same faults (default: a new one, printed)
  --json         one JSON object in place of the tables
  --help         this text

Ends with status 0 only if every promise held.`;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopping.abort());

const options = readOptions();
const say = (line: string) => process.stderr.write(`${line}\n`);
say(`Seed ${options.seed}: ${options.requests} requests of ${options.owners} owners`);
try {
  const assemblyDir = await synthesizeProduct({ submissionsPerMinute: '1000' });
  const report = await runFaults({ ...options, assemblyDir, signal: stopping.signal, onProgress: say });
  console.log(options.json ? JSON.stringify(report) : render(report));
  process.exitCode = report.broken.length === 0 ? 0 : 1;
} catch (error) {
  say(stopping.signal.aborted ? 'Stopped.' : String(error instanceof Error ? error.stack : error));
  process.exitCode = stopping.signal.aborted ? 130 : 1;
}
// The clients' own timers would keep it for half a minute.
process.exit();

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        requests: { type: 'string', default: '500' },
        owners: { type: 'string', default: '20' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit();
    }
    const number = (name: 'requests' | 'owners' | 'seed', least: number) => {
      const value = Number(values[name]);
      if (!Number.isInteger(value) || value < least)
        throw new Error(`--${name} ${values[name]}: not a number from ${least}`);
      return value;
    };
    return {
      requests: number('requests', 1),
      owners: number('owners', 1),
      seed: number('seed', 0),
      json: values.json,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(1);
  }
}
