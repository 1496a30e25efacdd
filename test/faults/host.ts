/** A process of its own that runs the cloud, so that the whole of it can be killed. Started by `startHost`. */
import * as z from 'zod';
import { startProduct } from '../../local/product.ts';
import type { Command } from './hostProcess.ts';
import type { Trouble } from './plan.ts';
import { faultFrom } from './trouble.ts';

const options = z
  .object({ port: z.number(), dataDir: z.string(), assemblyDir: z.string() })
  .parse(JSON.parse(process.argv[2] ?? ''));
const order = z.object({ id: z.number(), command: z.custom<Command>() });

// Ctrl-C is our parent's to deal with.
process.on('SIGINT', () => {});
// Whoever started us is gone: so are we, and all our processes with us.
process.on('disconnect', () => process.exit());

const cloud = await startProduct(options);
let hits = 0;

process.on('message', (message) => {
  const { id, command } = order.parse(message);
  obey(command).then(
    (answer) => process.send?.({ id, answer }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
const { config, gatewayUrl, outputs } = cloud;
process.send?.({ ready: { graphqlUrl: config.graphqlUrl, tokenUrl: config.tokenUrl, gatewayUrl, outputs } });

/** Answers a count where there is one, and else 0. */
async function obey(command: Command): Promise<number> {
  const { openAi, redis } = cloud.faults;
  switch (command.do) {
    case 'kill':
      await named(command.functionName).kill();
      return 0;
    case 'redis':
      await (command.up ? redis.start() : redis.stop());
      return 0;
    case 'trouble':
      return setTrouble(command.trouble);
    case 'llm':
      openAi?.(command.fault);
      return 0;
    case 'sweep':
      return await sweep();
    case 'stop':
      await cloud.stop();
      setImmediate(() => process.disconnect());
      return 0;
  }
}

function named(name: string) {
  const found = cloud.functions.get(name);
  if (!found) throw new Error(`There is no function ${name}`);
  return found;
}

function setTrouble(trouble: Trouble | undefined): number {
  const before = hits;
  hits = 0;
  const fault = trouble && faultFrom(trouble, () => hits++);
  cloud.faults.gateway(fault);
  cloud.faults.appSync(fault);
  return before;
}

async function sweep(): Promise<number> {
  const result = await named('sweeper').invoke({ queuesLost: true });
  if ('error' in result) throw new Error(`The sweeper failed: ${JSON.stringify(result)}`);
  return z.object({ attended: z.number() }).parse(result.payload).attended;
}
