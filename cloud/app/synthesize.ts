import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { App, Context } from './app.ts';

const KEPT_ASSEMBLIES = 3;

const cdkJson = z.object({ app: z.string().optional(), context: z.record(z.string(), z.json()).default({}) });

/**
 * The directory of the synthesized cloud assembly. Where the app names its inputs, the same sources and context give the
 * one that is there already.
 *
 * @throws with the app's whole output when it fails, or where nobody says how the app is run
 */
export async function synthesize(app: App, context: Context = {}): Promise<string> {
  const directory = resolve(app.directory ?? '.');
  const own = readCdkJson(directory);
  const command = app.command ?? own.app;
  if (!command)
    throw new Error(`How is the app run? ${join(directory, 'cdk.json')} does not say, and no command is given.`);
  const merged = JSON.stringify({ ...own.context, ...context });
  const kept = resolve(directory, app.assemblies ?? '.local/assemblies');
  const { isNoInput } = app;
  const assembly = isNoInput
    ? await synthesizeOnce({ command, directory, context: merged, kept, isNoInput })
    : await run({ command, directory, context: merged, outdir: join(kept, randomUUID()) });
  writeFileSync(join(assembly, `used-by-${process.pid}`), '');
  prune(kept);
  return assembly;
}

interface Inputs {
  command: string;
  directory: string;
  context: string;
  kept: string;
  isNoInput(path: string): boolean;
}

async function synthesizeOnce(inputs: Inputs): Promise<string> {
  const hash = inputHash(inputs);
  const assembly = join(inputs.kept, hash);
  if (!existsSync(assembly)) {
    const half = await run({ ...inputs, outdir: `${assembly}-${randomUUID()}-by-${process.pid}` });
    const isStale = inputHash(inputs) !== hash;
    if (isStale || existsSync(assembly)) rmSync(half, { recursive: true });
    else renameSync(half, assembly);
    if (isStale) return synthesizeOnce(inputs);
  }
  return assembly;
}

/** With what the CDK has looked up before (`cdk.context.json`), as its own command does it. */
function readCdkJson(directory: string): z.infer<typeof cdkJson> {
  const read = (name: string) => {
    const file = join(directory, name);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  };
  const { app, context } = cdkJson.parse(read('cdk.json'));
  return { app, context: { ...context, ...cdkJson.shape.context.parse(read('cdk.context.json')) } };
}

interface Run extends Pick<Inputs, 'command' | 'directory' | 'context'> {
  outdir: string;
}

async function run({ command, directory, context, outdir }: Run): Promise<string> {
  mkdirSync(outdir, { recursive: true });
  const environment = { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: context };
  const child = spawn(command, { cwd: directory, shell: true, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status === 0) return outdir;
  rmSync(outdir, { recursive: true, force: true });
  throw new Error(
    `The CDK app failed (${command}, exit status ${status}):\n${Buffer.concat(output).toString().trim()}`,
  );
}

/** Over everything that the app could read, so that a stale assembly is never taken for a fresh one. */
function inputHash({ directory, context, isNoInput }: Inputs): string {
  const files = globSync('**/*', { cwd: directory, exclude: isNoInput });
  const hash = createHash('sha256').update(context).update(process.version);
  for (const file of [...files.sort(), 'node_modules/.package-lock.json']) {
    const path = join(directory, file);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) hash.update(`\n${file}\n`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 32);
}

/** What another run is making, or loads its functions from, is kept. */
function prune(directory: string): void {
  const marks = globSync(['*-by-*', '*/used-by-*'], { cwd: directory });
  const inUse = marks.filter((mark) => isRunning(Number(mark.split('-by-')[1])));
  const idle = globSync('*', { cwd: directory })
    .filter((name) => !inUse.some((mark) => mark.startsWith(name)))
    .map((name) => ({
      path: join(directory, name),
      made: statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((a, b) => b.made - a.made);
  for (const { path } of idle.slice(KEPT_ASSEMBLIES)) rmSync(path, { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
