import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..');
const home = mkdtempSync(join(tmpdir(), 'home-'));
afterAll(() => rmSync(home, { recursive: true }));

/** What the command reads, in a folder as people have it. */
function copiedTo(folder: string): string {
  const copy = join(home, folder);
  mkdirSync(copy);
  for (const room of ['adapters', 'classifier', 'core', 'models', 'samples', 'package.json']) {
    const filter = (path: string) => basename(path) !== 'node_modules';
    cpSync(join(repository, room), join(copy, room), { recursive: true, filter });
  }
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

test.each(['my projects', '100%20 #1?'])('finds and runs the model of a repository in a folder called %j', (folder) => {
  const cwd = copiedTo(folder);
  const main = join(cwd, 'models/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'check'], { cwd, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toContain('the synthetic sample gives nv');
  expect(status).toBe(0);
});
