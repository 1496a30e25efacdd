import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Import, importsOf } from './parseImports.ts';
import { type Room, rooms } from './whoImportsWhom.ts';

const known: Record<string, Room> = rooms;

/**
 * One line for each import that goes against the arrows of tools/whoImportsWhom.ts. Tests may import whatever they need; what
 * lies in a `testing/` folder is theirs alone.
 *
 * @param files paths from the top of the repository
 */
export function importsAgainstTheArrows(files: readonly string[], read = (file: string) => readFileSync(file, 'utf8')) {
  const sources = files.filter((file) => /\.(ts|tsx|mts|cts|js|mjs|cjs|jsx)$/.test(file) && !/\.d\.ts$/.test(file));
  return sources.flatMap((file) => {
    const room = roomOf(file);
    if (room !== TOP && !known[room]) return [`${file}: the room ${room}/ is not listed in tools/whoImportsWhom.ts`];
    if (isTest(file)) return [];
    return importsOf(file, read(file)).flatMap((one) => offence(file, one) ?? []);
  });
}

/** Configuration files that lie beside the rooms. */
const TOP = '';

function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? TOP) : TOP;
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$|(^|\/)testing\//.test(file) || roomOf(file) === 'test';
}

function offence(file: string, { specifier, typeOnly }: Import): string | undefined {
  const from = roomOf(file);
  const rule = known[from];
  if (!specifier.startsWith('.')) {
    if (!rule?.packages || rule.packages.includes(specifier)) return;
    return `${file} imports ${specifier}: ${from}/ may import of packages only ${rule.packages.join(', ')}`;
  }
  const target = normalize(join(dirname(file), specifier));
  if (/(^|\/)testing\//.test(target)) return `${file} imports ${specifier}: testing/ is for tests alone`;
  const to = roomOf(target);
  if (from === TOP || to === from || rule?.imports.includes(to)) return;
  if (typeOnly && rule?.types?.includes(to)) return;
  return `${file} imports ${specifier}: ${from}/ may not import ${to === TOP ? 'what lies beside the rooms' : `${to}/`}`;
}
