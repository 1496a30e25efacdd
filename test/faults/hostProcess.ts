import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';
import type { LlmFault, Trouble } from './plan.ts';

export interface HostOptions {
  /** The same at every start, so that clients find it again. */
  port: number;
  dataDir: string;
  assemblyDir: string;
}

/** What the process that runs the cloud can be told to do. */
export type Command =
  | { do: 'kill'; functionName: string }
  | { do: 'redis'; up: boolean }
  /** None: the end of it. Answers how many calls met the one before. */
  | { do: 'trouble'; trouble?: Trouble }
  | { do: 'llm'; fault?: LlmFault }
  /** The sweeper, as after queues were lost. Answers how many requests it saw. */
  | { do: 'sweep' }
  | { do: 'stop' };

const address = z.object({
  graphqlUrl: z.string(),
  tokenUrl: z.string(),
  gatewayUrl: z.string(),
  outputs: z.record(z.string(), z.string()),
});
export type Address = z.infer<typeof address>;

const message = z.union([
  z.object({ ready: address }),
  z.object({ id: z.number(), answer: z.number() }),
  z.object({ id: z.number(), error: z.string() }),
]);

export type Host = Awaited<ReturnType<typeof startHost>>;

/** The cloud in a process of its own. @throws Error if it does not come up */
export async function startHost(options: HostOptions) {
  const child = fork(join(import.meta.dirname, 'host.ts'), [JSON.stringify(options)]);
  const waiting = new Map<number, PromiseWithResolvers<number>>();
  const ready = Promise.withResolvers<Address>();
  const exited = once(child, 'exit');
  let lastId = 0;

  child.on('message', (received) => {
    const parsed = message.parse(received);
    if ('ready' in parsed) return ready.resolve(parsed.ready);
    if ('answer' in parsed) waiting.get(parsed.id)?.resolve(parsed.answer);
    else waiting.get(parsed.id)?.reject(new Error(parsed.error));
    waiting.delete(parsed.id);
  });
  exited.then(() => {
    const gone = new Error('The process that runs the cloud has ended');
    ready.reject(gone);
    for (const { reject } of waiting.values()) reject(gone);
  });

  function tell(command: Command): Promise<number> {
    const answer = Promise.withResolvers<number>();
    lastId += 1;
    waiting.set(lastId, answer);
    child.send({ id: lastId, command });
    return answer.promise;
  }

  return {
    address: await ready.promise,
    tell,
    async stop(): Promise<void> {
      await tell({ do: 'stop' });
      await exited;
    },
    /** Nothing of it gets to run another line. */
    kill: () => killAndWait(child, exited),
  };
}

async function killAndWait(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}
