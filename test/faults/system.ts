import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { type Command, type Host, startHost } from './hostProcess.ts';
import { type Admin, createAdmin } from './inspection.ts';
import { type Fault, nameOf } from './plan.ts';

export type System = Awaited<ReturnType<typeof startSystem>>;

export interface SystemOptions {
  assemblyDir: string;
  /** Ids of requests accepted lately. */
  recent(): string[];
  cutSockets(): void;
}

const work = ['inference', 'enrichment'] as const;
const foreignMessages = ['not json', '{}', '{"requestId":7}', '{"requestId":"of nobody"}'];
/** Milliseconds between two kills of a function that is to stay down: less than it takes to start. */
const KILL_EVERY = 60;

/** The cloud in a process that can be killed, and all that can be done to it. */
export async function startSystem({ assemblyDir, recent, cutSockets }: SystemOptions) {
  const dataDir = await mkdtemp(join(tmpdir(), 'faults-'));
  const injected: Record<string, number> = {};
  let callsHit = 0;
  let striking = Promise.resolve();
  let host: Host;
  let admin: Admin;
  await start(0);

  async function start(port: number): Promise<void> {
    host = await startHost({ port, dataDir, assemblyDir });
    admin = createAdmin(host.address);
    await admin.hurry();
  }

  async function startAgain(end: () => Promise<void>): Promise<void> {
    admin.close();
    await end();
    await start(Number(new URL(host.address.graphqlUrl).port));
  }

  async function during(milliseconds: number, begin: Command, end: Command): Promise<void> {
    await host.tell(begin);
    await pause(milliseconds);
    callsHit += await host.tell(end);
  }

  async function keepDown(functionName: string, milliseconds: number): Promise<void> {
    const end = Date.now() + milliseconds;
    do {
      await host.tell({ do: 'kill', functionName });
      await pause(KILL_EVERY);
    } while (Date.now() < end);
  }

  /** Resolves when it is over. */
  async function strike(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'kill':
        return await keepDown(fault.functionName, fault.milliseconds);
      case 'kill -9 of everything':
        return await startAgain(host.kill);
      case 'restart':
        return await startAgain(host.stop);
      case 'redis down':
        return await during(fault.milliseconds, { do: 'redis', up: false }, { do: 'redis', up: true });
      case 'service':
        return await during(fault.milliseconds, { do: 'trouble', trouble: fault }, { do: 'trouble' });
      case 'llm':
        return await during(fault.milliseconds, { do: 'llm', fault: fault.llm }, { do: 'llm' });
      case 'messages twice':
        for (const requestId of recent()) await admin.nudge('inference', requestId);
        for (const queue of work) await admin.copyMessages(queue);
        return;
      case 'messages out of order':
        for (const queue of work) await admin.disorder(queue);
        return;
      case 'foreign messages':
        for (const body of foreignMessages) for (const queue of work) await admin.send(queue, body);
        return;
      case 'tries used up':
        for (const requestId of recent()) await admin.useUpTries('inference', requestId);
        return;
      case 'sockets cut':
        return cutSockets();
    }
  }

  return {
    /** How often each fault struck, by name. */
    injected,
    /** Calls to AWS that met one. */
    callsHit: () => callsHit,
    get address() {
      return host.address;
    },
    get admin() {
      return admin;
    },
    /** One after the other: the next one strikes when this one is over. */
    async inject(fault: Fault): Promise<void> {
      striking = striking.then(() => strike(fault));
      await striking;
      injected[nameOf(fault)] = (injected[nameOf(fault)] ?? 0) + 1;
    },
    /** Read from its files: the embedded S3 lists nothing, as nothing in the product asks it to. */
    async objects(): Promise<Set<string>> {
      const files = globSync('s3/*/*', { cwd: dataDir });
      const keys = await Promise.all(files.map((file) => keyOf(join(dataDir, file))));
      return new Set(keys.filter((key) => /^(uploads|handover)\//.test(key)));
    },
    sweep: () => host.tell({ do: 'sweep' }),
    async stop(): Promise<void> {
      await striking.catch(() => {});
      admin.close();
      await host.kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Empty where it has gone since. */
async function keyOf(file: string): Promise<string> {
  const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return content
    ? z.object({ key: z.string() }).parse(JSON.parse(content.toString('utf8', 0, content.indexOf('\n')))).key
    : '';
}
