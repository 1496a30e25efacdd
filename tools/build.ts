/** Builds the packages that people install: `dist/` of each workspace (or of those named), JavaScript and declarations. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

const named = process.argv.slice(2);
for (const workspace of named.length > 0 ? named : readJson(join(root, 'package.json')).workspaces) {
  const directory = join(root, workspace);
  if (existsSync(join(directory, 'tsconfig.build.json'))) build(directory);
}

function build(directory: string): void {
  const dist = join(directory, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const { status } = spawnSync('tsc', ['-p', join(directory, 'tsconfig.build.json')], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  // What is JavaScript already, and runs by its path.
  const scripts = globSync('*/**/*.mjs', { cwd: directory, exclude: (name) => /^(dist|node_modules)$/.test(name) });
  for (const file of scripts) cpSync(join(directory, file), join(dist, file));
}
