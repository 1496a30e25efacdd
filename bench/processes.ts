import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '..');

interface RunOptions {
  environment?: Record<string, string>;
}

/**
 * Runs this Node with arguments, from the repository's root.
 *
 * @returns milliseconds until its first output and until its end, and what it wrote
 * @throws Error with its stderr, if it fails
 */
export async function runNode(args: string[], { environment }: RunOptions = {}) {
  const started = performance.now();
  const env = environment && { PATH: process.env.PATH ?? '', ...environment };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let untilOutput: number | undefined;
  child.stdout.on('data', (chunk) => {
    untilOutput ??= performance.now() - started;
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  const untilEnd = performance.now() - started;
  if (status !== 0) throw new Error(`node ${args.slice(0, 2).join(' ')} failed (${status}):\n${stderr}`);
  return { untilOutput: untilOutput ?? untilEnd, untilEnd, stdout };
}

/** Milliseconds of the least that a Node process can do: `node -e 0`. */
export async function emptyNode(): Promise<number> {
  return (await runNode(['-e', '0'])).untilEnd;
}

/** Resident memory of a process and all its descendants; pages that they share count in each of them. */
export async function residentMemory(pid: number): Promise<{ bytes: number; processes: number }> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([pid]);
  for (let grown = true; grown; ) {
    const children = rows.filter(([own = 0, parent = 0]) => family.has(parent) && !family.has(own));
    for (const [own = 0] of children) family.add(own);
    grown = children.length > 0;
  }
  const members = rows.filter(([own = 0]) => family.has(own));
  return { bytes: members.reduce((sum, [, , kilobytes = 0]) => sum + kilobytes * 1024, 0), processes: members.length };
}

/** Gone with `remove`, or with this process. */
export function temporaryDirectory(name: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `bench-${name}-`));
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', remove);
  return {
    path,
    remove() {
      process.off('exit', remove);
      remove();
    },
  };
}
