import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface LogEntry {
  requestId?: string;
  level: string;
  message: unknown;
  time?: string;
}

/** A function's log file: one JSON object a line, `{time, function, requestId, level, message}`. */
export interface Log {
  write(entry: LogEntry): void;
  /** Takes over a process's output; a line the runtime did not tag gets the invocation that runs. */
  follow(stream: Readable | null, currentRequestId: () => string): void;
  close(): void;
}

export function openLog(directory: string, functionName: string): Log {
  mkdirSync(directory, { recursive: true });
  let file: number | undefined = openSync(join(directory, `${functionName}.log`), 'a');
  const write = ({ time = new Date().toISOString(), ...entry }: LogEntry): void => {
    if (file !== undefined) writeSync(file, `${JSON.stringify({ time, function: functionName, ...entry })}\n`);
  };
  return {
    write,
    follow(stream, currentRequestId) {
      if (!stream) return;
      createInterface({ input: stream }).on('line', (line) => {
        const untagged = { requestId: currentRequestId(), level: 'info', message: line };
        write(tagged(line) ?? untagged);
      });
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** An entry as the bootstrap writes it, behind a control character. */
function tagged(line: string): LogEntry | undefined {
  try {
    return line.startsWith('\u001e') ? JSON.parse(line.slice(1)) : undefined;
  } catch {
    return undefined;
  }
}
