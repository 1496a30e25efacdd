import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { openLog } from '../lambda/log.ts';

/** The longest wait until a container is up, and until it has answered. */
const LONGEST_MS = 60_000;
const PING_MS = 20;
/** Runs before the container's own code: its process ends with ours, whichever way ours ends. */
const END_WITH_US = 'process.on("disconnect", () => process.exit()); if (!process.connected) process.exit();';

export type Container = ReturnType<typeof startContainer>;

/**
 * What a container's image runs, as a plain process that knows HOST, PORT and MODEL_DIRECTORY and nothing else of ours.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 *
 * @param entrypoint path of a file that prints where it listens
 */
export function startContainer(name: string, entrypoint: string, modelDirectory: string, logDir: string) {
  const log = openLog(logDir, name);
  const child = fork(entrypoint, {
    execArgv: ['--import', `data:text/javascript,${encodeURIComponent(END_WITH_US)}`],
    env: { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0', MODEL_DIRECTORY: modelDirectory },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  log.follow(child.stdout, () => '');
  log.follow(child.stderr, () => '');
  const ended = once(child, 'close').catch(() => {});
  ended.then(log.close);
  const ready = untilReady(child.stdout!);
  ready.catch(kill);

  async function invoke(headers: Record<string, string>, body: Uint8Array<ArrayBuffer>): Promise<Response> {
    const signal = AbortSignal.timeout(LONGEST_MS);
    return fetch(`${await ready}/invocations`, { method: 'POST', headers, body, signal });
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  return { pid: child.pid, alive: () => child.connected && !child.killed, ready, invoke, kill };
}

/** Its address, as soon as it answers `/ping` with 200. */
async function untilReady(output: Readable): Promise<string> {
  const signal = AbortSignal.timeout(LONGEST_MS);
  for await (const [line] of on(createInterface({ input: output }), 'line', { signal, close: ['close'] })) {
    const [, url] = /"listening":"([^"]+)"/.exec(line) ?? [];
    if (!url) continue;
    while (!(await fetch(`${url}/ping`, { signal })).ok) await wait(PING_MS);
    return url;
  }
  throw new Error('The container ended before it listened');
}
