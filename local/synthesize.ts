import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const ASSEMBLIES = join(ROOT, '.local', 'assemblies');
/** Older ones may belong to a run that is still up. */
const KEPT_ASSEMBLIES = 4;
/** Top directories that the app does not read; its installed packages count by the lock file. */
const NOT_INPUTS = ['node_modules', 'cdk.out', 'coverage', 'local', 'client', 'test', 'bench', 'docs'];

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
  const assembly = join(ASSEMBLIES, inputHash(merged));
  if (existsSync(assembly)) utimesSync(assembly, new Date(), new Date());
  else await run(app, merged, assembly);
  prune();
  return assembly;
}

async function run(app: string, context: string, assembly: string): Promise<void> {
  const half = `${assembly}-${randomUUID()}`;
  const environment = { ...process.env, CDK_OUTDIR: half, CDK_CONTEXT_JSON: context };
  const child = spawn(app, { cwd: ROOT, shell: true, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) {
    rmSync(half, { recursive: true, force: true });
    throw new Error(`The CDK app failed (${app}, exit status ${status}):\n${Buffer.concat(output).toString().trim()}`);
  }
  // Only a whole assembly ever bears its name, also when two runs synthesize the same at once.
  if (!existsSync(assembly)) renameSync(half, assembly);
}

/** Over everything in the repository that the app could read, so that a stale assembly is never taken for a fresh one. */
function inputHash(context: string): string {
  const files = globSync('**/*', {
    cwd: ROOT,
    exclude: (path) => NOT_INPUTS.includes(path) || path.endsWith('.test.ts'),
  });
  const hash = createHash('sha256').update(context).update(process.version);
  for (const file of [...files.sort(), 'node_modules/.package-lock.json']) {
    const path = join(ROOT, file);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) hash.update(`\n${file}\n`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 32);
}

function prune(): void {
  const all = globSync('*', { cwd: ASSEMBLIES }).map((name) => join(ASSEMBLIES, name));
  const byAge = all.map((path) => ({ path, used: statSync(path).mtimeMs })).sort((a, b) => b.used - a.used);
  for (const { path } of byAge.slice(KEPT_ASSEMBLIES)) rmSync(path, { recursive: true, force: true });
}
