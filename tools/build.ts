/** Builds the packages that people install: `dist/` of each workspace, JavaScript and declarations. */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

for (const config of globSync(
  workspaces.map((workspace: string) => `${workspace}/tsconfig.build.json`),
  { cwd: root },
)) {
  rmSync(join(root, dirname(config), 'dist'), { recursive: true, force: true });
  const { status } = spawnSync('tsc', ['-p', config], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
