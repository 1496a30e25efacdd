import { randomUUID } from 'node:crypto';
import { arn } from '../engine.ts';
import { openLog } from './log.ts';
import { type FunctionOptions, failed, type InvocationResult, type Sandbox, startSandbox } from './sandbox.ts';

/** Bytes of an event of a synchronous invocation, as JSON. */
const PAYLOAD_LIMIT = 6 * 1024 * 1024;

export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  readonly concurrency: number;
  readonly timeoutSeconds: number;
  /** Waits for a free process if all are busy. Settles always: a failure is a result, not a rejection. */
  invoke(event: unknown): Promise<InvocationResult>;
  /** SIGKILLs every process of the function, busy or idle; later invocations start new ones. */
  kill(): Promise<void>;
  pids(): number[];
  /** What runs may end, and processes with it. Resolves when none is left. */
  retire(): Promise<void>;
  stop(): Promise<void>;
}

/** A function whose handler runs, unmodified, in processes of its own. Nothing starts before the first invocation. */
export function createFunction(options: FunctionOptions): LambdaFunction {
  const { name, concurrency, timeoutSeconds } = options;
  const log = openLog(options.logDirectory, name);
  const all = new Set<Sandbox>();
  const idle: Sandbox[] = [];
  const waiting: ((sandbox: Sandbox | undefined) => void)[] = [];
  let stopped = false;
  let retired = false;

  function grow(): Sandbox {
    const sandbox = startSandbox(options, log);
    all.add(sandbox);
    sandbox.exited.then(() => {
      all.delete(sandbox);
      if (!stopped && waiting.length > 0 && all.size < concurrency) waiting.shift()?.(grow());
    });
    return sandbox;
  }

  function acquire(): Sandbox | undefined | Promise<Sandbox | undefined> {
    if (stopped) return undefined;
    for (let free = idle.pop(); free; free = idle.pop()) if (free.alive) return free;
    if (all.size < concurrency) return grow();
    return new Promise((resolve) => waiting.push(resolve));
  }

  function release(sandbox: Sandbox): void {
    if (!sandbox.alive) return;
    const next = waiting.shift();
    if (next) next(sandbox);
    else if (retired) sandbox.kill();
    else idle.push(sandbox);
  }

  async function invoke(event: unknown): Promise<InvocationResult> {
    const requestId = randomUUID();
    const payload = JSON.stringify(event ?? null);
    const size = Buffer.byteLength(payload);
    if (size > PAYLOAD_LIMIT)
      return failed('RequestEntityTooLargeException', `${size} bytes; at most ${PAYLOAD_LIMIT}`);
    const sandbox = await acquire();
    if (!sandbox) return failed('Sandbox.Stopped', `${name} is stopped`);
    const started = performance.now();
    const result = await sandbox.invoke(requestId, payload);
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const isError = 'error' in result;
    log.write({ requestId, level: isError ? 'error' : 'report', message: { ms, ...(isError && result.error) } });
    release(sandbox);
    return result;
  }

  async function kill(): Promise<void> {
    const victims = [...all];
    all.clear();
    idle.length = 0;
    await Promise.all(victims.map((sandbox) => sandbox.kill()));
  }

  async function retire(): Promise<void> {
    retired = true;
    for (const sandbox of idle.splice(0)) sandbox.kill();
    while (all.size > 0) await Promise.all([...all].map(({ exited }) => exited));
    log.close();
  }

  async function stop(): Promise<void> {
    stopped = true;
    for (const giveUp of waiting.splice(0)) giveUp(undefined);
    await kill();
    log.close();
  }

  const pids = () => [...all].flatMap(({ pid }) => pid ?? []);
  return {
    name,
    arn: arn('lambda', `function:${name}`),
    concurrency,
    timeoutSeconds,
    invoke,
    kill,
    pids,
    retire,
    stop,
  };
}
