/** A process of its own that runs the cloud, so that the whole of it can be killed. Started by `startHost`. */
import * as z from 'zod';
import { startCloud } from '../../local/cloud.ts';
import type { Command } from './hostProcess.ts';
import { services } from './plan.ts';
import { gatewayFault } from './trouble.ts';

const options = z
  .object({ port: z.number(), dataDir: z.string(), assemblyDir: z.string() })
  .parse(JSON.parse(process.argv[2] ?? ''));

// Whoever started us is gone: so are we, and all our processes with us.
process.on('disconnect', () => process.exit());

const cloud = await startCloud({ ...options, openAi: undefined });
let hits = 0;

const order = z.object({ id: z.number(), command: z.custom<Command>() });
process.on('message', (message) => {
  const { id, command } = order.parse(message);
  obey(command).then(
    (answer) => process.send?.({ id, answer }),
    (error) => process.send?.({ id, error: String(error) }),
  );
});
const { config, gatewayUrl, outputs } = cloud;
process.send?.({ ready: { graphqlUrl: config.graphqlUrl, tokenUrl: config.tokenUrl, gatewayUrl, outputs } });

/** Answers a count where there is one. */
async function obey(command: Command): Promise<number> {
  switch (command.do) {
    case 'kill':
      await cloud.functions.get(command.functionName)?.kill();
      return 0;
    case 'redis':
      await (command.up ? cloud.faults.redis.start() : cloud.faults.redis.stop());
      return 0;
    case 'trouble':
      cloud.faults.gateway(command.trouble && gatewayFault(command.trouble, () => hits++));
      return hits;
    case 'llm':
      cloud.faults.openAi?.(command.fault);
      return 0;
    case 'sweep': {
      const result = await cloud.functions.get('sweeper')?.invoke({ queuesLost: true });
      if (!result || 'error' in result) throw new Error(`The sweeper failed: ${JSON.stringify(result)}`);
      return z.object({ attended: z.number() }).parse(result.payload).attended;
    }
    case 'stop':
      await cloud.stop();
      setImmediate(() => process.exit());
      return services.length;
  }
}
