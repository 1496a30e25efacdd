import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { arn } from '../engine.ts';
import { openLog } from './log.ts';
import { type InvocationResult, type Sandbox, startSandbox } from './sandbox.ts';

/** Bytes of an event of a synchronous invocation, as JSON. */
const PAYLOAD_LIMIT = 6 * 1024 * 1024;

export interface FunctionOptions {
  name: string;
  /** `file.export`, as in the template. */
  handler: string;
  codeDirectory: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** Beside what the runtime itself sets. */
  environment: Record<string, string>;
  /** Invocations that may run at once, each in a process of its own. */
  concurrency: number;
  /** Private directory: working directory and TMPDIR. */
  directory: string;
  logDirectory: string;
}

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
  /** Starts one process ahead of the first invocation. */
  prestart(): void;
  stop(): Promise<void>;
}

/** A function whose handler runs, unmodified, in processes of its own. Nothing starts before the first invocation. */
export function createFunction(options: FunctionOptions): LambdaFunction {
  const { name, concurrency, timeoutSeconds } = options;
  const functionArn = arn('lambda', `function:${name}`);
  const log = openLog(options.logDirectory, name);
  const all = new Set<Sandbox>();
  const idle: Sandbox[] = [];
  const waiting: ((sandbox: Sandbox | undefined) => void)[] = [];
  let stopped = false;

  function grow(): Sandbox {
    const { handler, codeDirectory, memoryMb, directory } = options;
    mkdirSync(directory, { recursive: true });
    const environment = {
      PATH: process.env.PATH ?? '',
      TZ: 'UTC',
      TMPDIR: directory,
      LAMBDA_TASK_ROOT: codeDirectory,
      _HANDLER: handler,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      ...options.environment,
    };
    const sandbox = startSandbox({ name, arn: functionArn, memoryMb, timeoutSeconds, environment, directory, log });
    all.add(sandbox);
    sandbox.exited.then(() => discard(sandbox));
    return sandbox;
  }

  function discard(sandbox: Sandbox): void {
    all.delete(sandbox);
    if (!stopped && waiting.length > 0 && all.size < concurrency) waiting.shift()?.(grow());
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
    else idle.push(sandbox);
  }

  async function invoke(event: unknown): Promise<InvocationResult> {
    const requestId = randomUUID();
    const payload = JSON.stringify(event ?? null);
    const size = Buffer.byteLength(payload);
    if (size > PAYLOAD_LIMIT) return tooLarge(size);
    const sandbox = await acquire();
    if (!sandbox) return { error: { errorType: 'Sandbox.Stopped', errorMessage: `${name} is stopped` } };
    const started = performance.now();
    const result = await sandbox.invoke(requestId, payload);
    const ms = Math.round((performance.now() - started) * 10) / 10;
    if ('error' in result)
      log.write({ requestId, level: 'error', message: { invocation: 'failed', ms, ...result.error } });
    else log.write({ requestId, level: 'report', message: { invocation: 'succeeded', ms } });
    release(sandbox);
    return result;
  }

  async function kill(): Promise<void> {
    const victims = [...all];
    all.clear();
    idle.length = 0;
    await Promise.all(victims.map((sandbox) => sandbox.kill()));
  }

  return {
    name,
    arn: functionArn,
    concurrency,
    timeoutSeconds,
    invoke,
    kill,
    pids: () => [...all].flatMap(({ pid }) => pid ?? []),
    prestart: () => {
      if (all.size === 0) idle.push(grow());
    },
    async stop() {
      stopped = true;
      for (const giveUp of waiting.splice(0)) giveUp(undefined);
      await kill();
      log.close();
    },
  };
}

function tooLarge(size: number): InvocationResult {
  const errorMessage = `${size} byte payload is too large for the RequestResponse invocation type (limit ${PAYLOAD_LIMIT} bytes)`;
  return { error: { errorType: 'RequestEntityTooLargeException', errorMessage } };
}
