import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { decoderMain } from './decoderMain.ts';
import { type Decoded, DecoderLost, DecodingFailed, type Task } from './task.ts';

type Answer = { up: true } | { tooLong: true } | { failed: string } | Decoded;

/** A decoder in a process of its own, for one photo at a time. */
export interface DecoderProcess {
  /**
   * @throws DecodingFailed if the photo cannot be decoded; DecoderLost if it took too long, or the decoder down; Error if
   *   there is no decoder, or it does not answer
   */
  decode(task: Task): Promise<Decoded>;
  /** False once it has ended or is about to. */
  readonly alive: boolean;
  readonly pid: number | undefined;
  stop(): void;
}

/** How the operating system ends a process that did what it must not. Any other end is not the photo's doing. */
const crashes: readonly (string | null)[] = ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGABRT', 'SIGFPE', 'SIGTRAP'];

/** Far beyond the CPU time that a photo may take, for a decoder that does nothing at all. Below the function's own time-out. */
const silentMilliseconds = 25_000;

/**
 * Comes up meanwhile; the first photo waits for it. It does not keep this process alive while it has nothing to do, and
 * ends with it. Of the environment it gets what the runtime needs: it is the one that reads what strangers send, and has
 * no use for credentials.
 */
export function startDecoder(sharp = createRequire(import.meta.url).resolve('sharp')): DecoderProcess {
  const { LD_LIBRARY_PATH, TMPDIR } = process.env;
  const child = spawn(process.execPath, ['-e', `(${decoderMain})(require(process.argv[1]))`, sharp], {
    env: { ...(LD_LIBRARY_PATH && { LD_LIBRARY_PATH }), ...(TMPDIR && { TMPDIR }) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const up = Promise.withResolvers<void>();
  up.promise.catch(() => {});
  let waiting: PromiseWithResolvers<Decoded> | undefined;
  let alive = true;

  function lose(error: Error): void {
    alive = false;
    up.reject(error);
    waiting?.reject(error);
    child.kill('SIGKILL');
  }
  child.on('error', (cause) => lose(new Error('The decoder could not be started', { cause })));
  child.on('exit', (code, signal) => {
    const how = `The decoder ended: ${signal ?? `exit status ${code}`}`;
    lose(waiting && crashes.includes(signal) ? new DecoderLost('crashed', how) : new Error(how));
  });
  child.on('message', (answer: Answer) => {
    if ('up' in answer) up.resolve();
    else if ('tooLong' in answer) lose(new DecoderLost('tooLong', 'The photo takes too long to decode'));
    else if ('failed' in answer) waiting?.reject(new DecodingFailed(answer.failed));
    else waiting?.resolve(answer);
  });

  async function decode(task: Task): Promise<Decoded> {
    child.ref();
    child.channel?.ref();
    const silent = setTimeout(() => lose(new Error('The decoder does not answer')), silentMilliseconds);
    try {
      await up.promise;
      waiting = Promise.withResolvers<Decoded>();
      child.send(task);
      return await waiting.promise;
    } finally {
      waiting = undefined;
      clearTimeout(silent);
      rest();
    }
  }

  function rest(): void {
    child.unref();
    child.channel?.unref();
  }
  rest();

  return {
    decode,
    get alive() {
      return alive;
    },
    pid: child.pid,
    stop: () => lose(new Error('The decoder was stopped')),
  };
}
