import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createClient } from '../../client/createClient.ts';
import { photo } from '../benchCloud.ts';
import { type Effort, type Figure, median, medianFigure } from '../figure.ts';
import { emptyNode, residentMemory, root, temporaryDirectory } from '../processes.ts';

interface Started {
  pid: number;
  /** Milliseconds until it said that it is ready. */
  milliseconds: number;
  configUrl: string;
  stop(): Promise<void>;
}

const READY = /^ *Config +(http\S+)$/m;
const configSchema = z.object({ graphqlUrl: z.string(), region: z.string(), tokenUrl: z.string() });
const STOP_WITHIN_MS = 15_000;
const SETTLE_MS = 3_000;
const megabyte = 1e6;

/** `npm start` as its user has it: first and later starts, and the memory it takes. */
export async function measureStarts(effort: Effort): Promise<Figure[]> {
  const directory = temporaryDirectory('start');
  // A value never used before, so that the first start has everything to do.
  const context = `submissionsPerMinute=${1 + (Math.floor(Date.now() / 1000) % 1000)}`;
  const args = ['--data', join(directory.path, 'data'), '-c', context];
  try {
    const first = await startOnce(args, classifyOnce);
    const again: number[] = [];
    const empty: number[] = [];
    const memory: Memory[] = [];
    for (let round = 0; round < (effort === 'quick' ? 1 : 5); round++) {
      empty.push(await emptyNode());
      again.push(await startOnce(args, async (started) => void memory.push(await measureMemory(started))));
    }
    const reference = { what: 'node -e 0', value: median(empty) };
    return [
      medianFigure('npm start, again, to ready', 'ms', again, { reference, hold: { text: '≤ 8 s', limit: 8000 } }),
      { figure: 'npm start, first (template synthesized, no data), to ready', unit: 'ms', measured: first, reference },
      ...memoryFigures(memory),
    ];
  } finally {
    directory.remove();
  }
}

async function startOnce(args: string[], meanwhile: (started: Started) => Promise<void>): Promise<number> {
  const started = await npmStart(args);
  try {
    await meanwhile(started);
  } finally {
    await started.stop();
  }
  return started.milliseconds;
}

/** In a process group of its own, which is interrupted whole, as a Ctrl-C does it. */
async function npmStart(args: string[]): Promise<Started> {
  const begun = performance.now();
  const child = spawn('npm', ['start', '--', '--port', '0', ...args], { cwd: root, detached: true });
  const { pid } = child;
  if (!pid) throw new Error('npm could not be started');
  // Ctrl-C on the benchmark does not reach that group.
  const stopWithUs = () => process.kill(-pid, 'SIGINT');
  process.once('exit', stopWithUs);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  ended.then(() => process.off('exit', stopWithUs));
  const configUrl = await readConfigUrl(child);
  const milliseconds = performance.now() - begun;
  return { pid, milliseconds, configUrl, stop: () => interrupt(pid, ended) };
}

/** Resolves when it says that it is ready. @throws Error with its output, if it ends before */
async function readConfigUrl(child: ChildProcessWithoutNullStreams): Promise<string> {
  const ready = Promise.withResolvers<string>();
  let output = '';
  const read = (chunk: Buffer) => {
    output += chunk;
    const configUrl = READY.exec(output)?.[1];
    if (configUrl) ready.resolve(configUrl);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.once('close', () => ready.reject(new Error(`npm start ended:\n${output}`)));
  return await ready.promise;
}

async function interrupt(group: number, ended: Promise<void>): Promise<void> {
  process.kill(-group, 'SIGINT');
  const timer = setTimeout(() => process.kill(-group, 'SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

interface Memory {
  idle: number;
  processes: number;
  used: number;
  processesUsed: number;
  bare: number;
}

/** Resident bytes, idle after the start, and idle after a first photo, when all it needed is up. */
async function measureMemory(started: Started): Promise<Memory> {
  await sleep(SETTLE_MS);
  const idle = await residentMemory(started.pid);
  await classifyOnce(started);
  await sleep(SETTLE_MS);
  const used = await residentMemory(started.pid);
  const bare = await bareNodeMemory();
  return { idle: idle.bytes, processes: idle.processes, used: used.bytes, processesUsed: used.processes, bare };
}

async function bareNodeMemory(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await sleep(500);
  const { bytes } = await residentMemory(child.pid ?? 0);
  child.kill();
  return bytes;
}

async function classifyOnce({ configUrl }: Started): Promise<void> {
  const { graphqlUrl, region, tokenUrl } = configSchema.parse(await (await fetch(configUrl)).json());
  const token = async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(tokenUrl, { method: 'POST', headers, body: JSON.stringify({ user: 'bench' }) });
    return z.object({ token: z.string() }).parse(await response.json()).token;
  };
  const client = createClient({ graphqlUrl, region, token });
  const { status } = await client.classify(photo, { describe: true });
  client.close();
  if (status !== 'COMPLETED') throw new Error(`The photo of the benchmark ended ${status}`);
}

function memoryFigures(memory: Memory[]): Figure[] {
  const of = (key: keyof Memory) => memory.map((one) => one[key]);
  const reference = { what: 'bare Node process', value: median(of('bare')) / megabyte };
  const megabytes = (key: 'idle' | 'used') => of(key).map((bytes) => bytes / megabyte);
  return [
    medianFigure(
      `idle memory, started (${median(of('processes'))} processes, npm's with them; RSS)`,
      'MB',
      megabytes('idle'),
      {
        reference,
      },
    ),
    medianFigure(
      `idle memory after a photo with description (${median(of('processesUsed'))} processes)`,
      'MB',
      megabytes('used'),
      {
        reference,
      },
    ),
  ];
}
