import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Log } from './log.ts';

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));
/** Lambda's limit of the init phase; beyond it the function's own time-out counts. */
const INIT_MS = 10_000;

const invocationError = z.object({
  errorType: z.string(),
  errorMessage: z.string(),
  trace: z.array(z.string()).optional(),
});
const reply = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ id: z.string(), payload: z.string() }),
  z.object({ id: z.string(), error: invocationError }),
  z.object({ fatal: invocationError }),
]);

/** What Lambda answers for a function that failed. */
export type InvocationError = z.infer<typeof invocationError>;
export type InvocationResult = { payload: unknown } | { error: InvocationError };

export interface SandboxOptions {
  name: string;
  arn: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** The whole environment of the process. */
  environment: Record<string, string>;
  /** Working directory, private to the function. */
  directory: string;
  log: Log;
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
  /** Resolves when the process ends by itself or by force. */
  readonly exited: Promise<void>;
}

export function startSandbox({
  name,
  arn,
  memoryMb,
  timeoutSeconds,
  environment,
  directory,
  log,
}: SandboxOptions): Sandbox {
  const child = fork(BOOTSTRAP, [], {
    execPath: process.execPath,
    execArgv: [`--max-old-space-size=${memoryMb}`],
    env: environment,
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let requestId = '';
  let settle: (result: InvocationResult) => void = () => {};
  let fatal: InvocationError | undefined;
  let doomed = false;
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();

  log.follow(child.stdout, () => requestId);
  log.follow(child.stderr, () => requestId);
  child.on('message', (message) => {
    const answer = reply.parse(message);
    if ('ready' in answer) ready.resolve();
    else if ('payload' in answer) settle({ payload: JSON.parse(answer.payload) });
    else if ('error' in answer) settle({ error: answer.error });
    else fatal = answer.fatal;
  });
  child.on('error', (error) => log.write({ requestId, level: 'error', message: `${name}: ${error.message}` }));
  child.on('close', (code, signal) => {
    const error = fatal ?? exitError(requestId, code, signal);
    if (!doomed) log.write({ requestId, level: 'error', message: error });
    settle({ error });
    exited.resolve();
  });

  async function invoke(id: string, event: string): Promise<InvocationResult> {
    requestId = id;
    const result = Promise.withResolvers<InvocationResult>();
    settle = result.resolve;
    let timer = setTimeout(timedOut, INIT_MS + timeoutSeconds * 1000);
    ready.promise.then(() => {
      clearTimeout(timer);
      timer = setTimeout(timedOut, timeoutSeconds * 1000);
      child.send({ id, event, deadline: Date.now() + timeoutSeconds * 1000, arn }, () => {});
    });
    return result.promise.finally(() => clearTimeout(timer));

    function timedOut(): void {
      const errorMessage = `${new Date().toISOString()} ${id} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
      result.resolve({ error: { errorType: 'Sandbox.Timedout', errorMessage } });
      end();
    }
  }

  function end(): void {
    doomed = true;
    child.kill('SIGKILL');
  }

  return {
    pid: child.pid,
    get alive() {
      return child.connected && !doomed;
    },
    invoke,
    kill() {
      end();
      return exited.promise;
    },
    exited: exited.promise,
  };
}

function exitError(requestId: string, code: number | null, signal: ChildProcess['signalCode']): InvocationError {
  const how = signal === 'SIGKILL' ? 'signal: killed' : signal ? `signal: ${signal}` : `exit status ${code}`;
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
  };
}
