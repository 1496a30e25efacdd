/** `npm run check`: format, lint, types, generated code, imports, docs, dead code. */
import { execFileSync, spawnSync } from 'node:child_process';
import { importsAgainstTheArrows } from './arrows.ts';
import { staleDocs } from './docs.ts';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter(Boolean);

const checks: Record<string, () => boolean> = {
  'format and lint': () => run('biome', 'check', '--error-on-warnings'),
  types: () => run('tsc', '--noEmit'),
  'generated code is up to date': () => run('graphql-codegen', '--check'),
  'packages can be built': () => run('node', 'tools/build.ts'),
  'imports follow the arrows': () => report(importsAgainstTheArrows(files)),
  'the docs show what the code says': () => report(staleDocs()),
  'no dead files, exports or dependencies': () => run('knip'),
};

const failed = Object.entries(checks).filter(([name, holds]) => {
  const start = performance.now();
  const fine = holds();
  console.log(`${fine ? '✓' : '✗'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return !fine;
});
process.exit(failed.length === 0 ? 0 : 1);

function run(command: string, ...args: string[]): boolean {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) console.log(`${stdout}${stderr}`);
  return status === 0;
}

function report(problems: string[]): boolean {
  for (const problem of problems) console.log(`  ${problem}`);
  return problems.length === 0;
}
