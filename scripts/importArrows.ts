import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Who may import whom, by top folder; `type` marks folders of which only types may be imported. */
const allowed: Record<string, { from: string[]; typesFrom?: string[] }> = {
  core: { from: ['core'] },
  adapters: { from: ['adapters', 'core'] },
  resolvers: { from: ['resolvers', 'adapters', 'core'] },
  workers: { from: ['workers', 'adapters', 'core'] },
  infra: { from: ['infra', 'core'], typesFrom: ['resolvers', 'workers'] },
  local: { from: ['local'] },
  client: { from: ['client'] },
};

/** The core is pure: these packages compute, and that is all they do. */
const packagesOfCore = ['zod', 'zod/mini', 'zod/v4/locales/en.js'];

const importPattern = /^(?:import|export)\s+(type\s+)?[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/gms;

/** One line per import against the arrows; tests may import whatever they need. */
export function importsAgainstTheArrows(files: readonly string[]): string[] {
  return files.filter((file) => isGoverned(file)).flatMap((file) => offencesIn(file, readFileSync(file, 'utf8')));
}

function isGoverned(file: string): boolean {
  return /\.(ts|tsx|js|mjs)$/.test(file) && !/\.test\.ts$|\/testing\//.test(file) && topFolder(file) in allowed;
}

function topFolder(path: string): string {
  return path.split('/')[0] ?? '';
}

function offencesIn(file: string, source: string): string[] {
  const rule = allowed[topFolder(file)]!;
  return [...source.matchAll(importPattern)].flatMap(([, typeOnly, statically, dynamically]) => {
    const target = statically ?? dynamically ?? '';
    if (!target.startsWith('.')) return packageOffence(file, target);
    const folder = topFolder(normalize(join(dirname(file), target)));
    const fine = rule.from.includes(folder) || (typeOnly && rule.typesFrom?.includes(folder));
    return fine ? [] : [`${file} imports ${target}: ${topFolder(file)}/ may not import ${folder}/`];
  });
}

function packageOffence(file: string, target: string): string[] {
  if (topFolder(file) !== 'core' || packagesOfCore.includes(target)) return [];
  return [`${file} imports ${target}: core/ is pure`];
}
