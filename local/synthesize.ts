import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const ASSEMBLIES = join(ROOT, '.local', 'assemblies');
const KEPT_ASSEMBLIES = 3;
/** Top directories that the app does not read; its installed packages count by the lock file. */
const NOT_INPUTS = [
  'node_modules',
  'cdk.out',
  'coverage',
  'cloud',
  'local',
  'client',
  'cli',
  'tools',
  'test',
  'bench',
  'docs',
];
const SETTLED_MS = 30;

const cdkJson = z.object({ app: z.string(), context: z.record(z.string(), z.json()).default({}) });

export type Context = Record<string, z.core.util.JSONType>;

/**
 * The directory of the synthesized cloud assembly. The same sources and context give the one that is there already.
 * @param context what `cdk synth -c` would be given; wins over the context of cdk.json
 * @throws with the app's whole output when it fails
 */
export async function synthesize(context: Context): Promise<string> {
  const { app, context: own } = cdkJson.parse(JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')));
  const merged = JSON.stringify({ ...own, ...context });
  const hash = inputHash(merged);
  const assembly = join(ASSEMBLIES, hash);
  if (!existsSync(assembly)) {
    const half = `${assembly}-${randomUUID()}-by-${process.pid}`;
    await run(app, merged, half);
    const isStale = inputHash(merged) !== hash;
    if (isStale || existsSync(assembly)) rmSync(half, { recursive: true });
    else renameSync(half, assembly);
    if (isStale) return synthesize(context);
  }
  writeFileSync(join(assembly, `used-by-${process.pid}`), '');
  prune();
  return assembly;
}

/** Calls `changed` whenever something that the app could read was written, once for a handful of files. */
export function watchInputs(changed: () => void): void {
  let timer: NodeJS.Timeout;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLED_MS);
  };
  const names = globSync('*', { cwd: ROOT, exclude: (name) => NOT_INPUTS.includes(name) });
  const directories = names.map((name) => join(ROOT, name)).filter((path) => statSync(path).isDirectory());
  watch(ROOT, later);
  for (const path of directories) watch(path, { recursive: true }, later);
}

async function run(app: string, context: string, outdir: string): Promise<void> {
  const environment = { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: context };
  const child = spawn(app, { cwd: ROOT, shell: true, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status === 0) return;
  rmSync(outdir, { recursive: true, force: true });
  throw new Error(`The CDK app failed (${app}, exit status ${status}):\n${Buffer.concat(output).toString().trim()}`);
}

/** Over everything in the repository that the app could read, so that a stale assembly is never taken for a fresh one. */
function inputHash(context: string): string {
  const isNoInput = (path: string) => NOT_INPUTS.includes(path) || path.endsWith('.test.ts');
  const files = globSync('**/*', { cwd: ROOT, exclude: isNoInput });
  const hash = createHash('sha256').update(context).update(process.version);
  for (const file of [...files.sort(), 'node_modules/.package-lock.json']) {
    const path = join(ROOT, file);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) hash.update(`\n${file}\n`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 32);
}

/** What another run is making, or loads its functions from, is kept. */
function prune(): void {
  const marks = globSync(['*-by-*', '*/used-by-*'], { cwd: ASSEMBLIES });
  const inUse = marks.filter((mark) => isRunning(Number(mark.split('-by-')[1])));
  const idle = globSync('*', { cwd: ASSEMBLIES })
    .filter((name) => !inUse.some((mark) => mark.startsWith(name)))
    .map((name) => ({
      path: join(ASSEMBLIES, name),
      made: statSync(join(ASSEMBLIES, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
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
