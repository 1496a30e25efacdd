/** `npm run check`: format, lint, types, generated code, imports, dead code, and how large the emulation has grown. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { importsAgainstTheArrows } from './arrows.ts';
import { staleDocs } from './docs.ts';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter(Boolean);

const checks: Record<string, () => boolean> = {
  'format and lint': () => run('biome', 'check', '--error-on-warnings'),
  types: () => run('tsc', '--noEmit'),
  'generated code is up to date': () => run('graphql-codegen', '--check'),
  'imports follow the arrows': () => report(importsAgainstTheArrows(files)),
  'the docs show what the code says': () => report(staleDocs()),
  'no dead files, exports or dependencies': () => run('knip'),
  'the emulation stays smaller than the product': () => report(sizeProblems()),
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

/** Lines of code: neither blank nor comment, without tests and generated files. */
function linesOfCode(folders: string[]): number {
  const sources = files.filter((file) => folders.includes(file.split('/')[0]!) && /\.(ts|tsx|js|mjs|html)$/.test(file));
  const own = sources.filter((file) => !/\.test\.ts$|\/testing\/|\/generated\//.test(file));
  const code = (file: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\/\/|\/?\*|$)/.test(line));
  return own.reduce((sum, file) => sum + code(file).length, 0);
}

function sizeProblems(): string[] {
  const local = linesOfCode(['local']);
  const product = linesOfCode(['core', 'adapters', 'resolvers', 'workers', 'infra', 'client']);
  console.log(`  local/ has ${local} lines of code, the product ${product}`);
  return local < product ? [] : ['local/ has outgrown the product'];
}
