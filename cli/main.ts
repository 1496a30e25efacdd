import { toLesionError } from '../client/transport/toLesionError.ts';
import { run } from './commands.ts';
import { parseCommandLine } from './usage.ts';

/** Exit code of a command that was stopped from the keyboard, as shells have it. */
const INTERRUPTED = 130;

const controller = new AbortController();
process.once('SIGINT', () => {
  controller.abort();
  process.once('SIGINT', () => process.exit(INTERRUPTED));
});

const exitCode = await main();
await new Promise<void>((written) => process.stdout.write('', () => written()));
// amplify leaves timers behind that would hold the process for 15 s.
process.exit(exitCode);

async function main(): Promise<number> {
  try {
    const invocation = parseCommandLine(process.argv.slice(2));
    if (typeof invocation !== 'string') return await run(invocation, process.stdout, controller.signal);
    process.stdout.write(`${invocation}\n`);
    return 0;
  } catch (thrown) {
    const { code, message } = toLesionError(thrown);
    process.stderr.write(`${code === 'InvalidInput' ? '' : `${code}: `}${message}\n`);
    return code === 'Aborted' ? INTERRUPTED : 1;
  }
}
