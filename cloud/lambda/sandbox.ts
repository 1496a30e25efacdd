import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { arn } from '../engine.ts';
import type { Log } from './log.ts';

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));
/** Lambda's limit of the init phase; beyond it the function's own time-out counts. */
const INIT_MS = 10_000;

const errorShape = { errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()).optional() };
const reply = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ payload: z.string() }),
  z.object({ error: z.object(errorShape) }),
  z.object({ fatal: z.object(errorShape) }),
]);

/** What Lambda answers for an invocation: the handler's result, or how it failed. */
export type InvocationResult =
  | { payload: unknown }
  | { error: { errorType: string; errorMessage: string; trace?: string[] } };

export interface FunctionOptions {
  name: string;
  /** `file.export`, as in the template. */
  handler: string;
  codeDirectory: string;
  /** The app whose AWS SDK a function gets if it brings none along, as Lambda's runtime would give it one. */
  appDirectory: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** Variables beside those that the runtime itself sets. */
  environment: Record<string, string>;
  /** Invocations that may run at once, each in a process of its own. */
  concurrency: number;
  /** Private directory: working directory and TMPDIR. */
  directory: string;
  logDirectory: string;
}

/** One execution environment: a process that runs one invocation at a time. */
export interface Sandbox {
  readonly pid: number | undefined;
  /** False from the moment the process is known to end. */
  readonly alive: boolean;
  /** Settles always: a crash or a time-out is a result. */
  invoke(requestId: string, event: string): Promise<InvocationResult>;
  /** Resolves once the process is gone. */
  kill(): Promise<void>;
  /** Resolves when the process has ended, by itself or by force. */
  readonly exited: Promise<void>;
}

export function startSandbox(options: FunctionOptions, log: Log): Sandbox {
  const timeoutMs = options.timeoutSeconds * 1000;
  const functionArn = arn('lambda', `function:${options.name}`);
  mkdirSync(options.directory, { recursive: true });
  const child = fork(BOOTSTRAP, [resolve(options.appDirectory)], {
    execPath: process.execPath,
    execArgv: [`--max-old-space-size=${options.memoryMb}`],
    env: environmentOf(options),
    cwd: options.directory,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();
  let requestId = '';
  let settle: (result: InvocationResult) => void = () => {};
  let fatal: InvocationResult | undefined;
  let killed = false;

  log.follow(child.stdout, () => requestId);
  log.follow(child.stderr, () => requestId);
  child.on('error', (error) => log.write({ requestId, level: 'error', message: String(error) }));
  child.on('message', (message) => {
    const { data: answer } = reply.safeParse(message);
    // What a handler may send of its own accord, Lambda has no ear for.
    if (!answer) return;
    if ('ready' in answer) ready.resolve();
    else if ('fatal' in answer) fatal = { error: answer.fatal };
    else settle('payload' in answer ? { payload: JSON.parse(answer.payload) } : answer);
  });
  child.on('close', (code, signal) => {
    const how = signal === 'SIGKILL' ? 'signal: killed' : signal ? `signal: ${signal}` : `exit status ${code}`;
    settle(fatal ?? failed('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime exited with error: ${how}`));
    exited.resolve();
  });

  function invoke(id: string, event: string): Promise<InvocationResult> {
    const result = Promise.withResolvers<InvocationResult>();
    requestId = id;
    settle = result.resolve;
    let timer = setTimeout(timedOut, INIT_MS + timeoutMs);
    ready.promise.then(() => {
      clearTimeout(timer);
      timer = setTimeout(timedOut, timeoutMs);
      child.send({ id, event, deadline: Date.now() + timeoutMs, arn: functionArn }, () => {});
    });
    return result.promise.finally(() => clearTimeout(timer));
  }

  function timedOut(): void {
    const after = options.timeoutSeconds.toFixed(2);
    settle(
      failed('Sandbox.Timedout', `${new Date().toISOString()} ${requestId} Task timed out after ${after} seconds`),
    );
    kill();
  }

  function kill(): Promise<void> {
    killed = true;
    child.kill('SIGKILL');
    return exited.promise;
  }

  return {
    pid: child.pid,
    get alive() {
      return child.connected && !killed;
    },
    invoke,
    kill,
    exited: exited.promise,
  };
}

export function failed(errorType: string, errorMessage: string): InvocationResult {
  return { error: { errorType, errorMessage } };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function environmentOf({ name, handler, codeDirectory, memoryMb, directory, environment }: FunctionOptions) {
  return {
    PATH: process.env.PATH ?? '',
    TZ: 'UTC',
    TMPDIR: directory,
    LAMBDA_TASK_ROOT: codeDirectory,
    _HANDLER: handler,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    ...environment,
  };
}
