import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import * as z from 'zod';

/** A function's bundle. */
export interface Code {
  code: Uint8Array;
  map: Uint8Array;
}

const recordShape = z.object({ sources: z.record(z.string(), z.string()), code: z.string() });
const KEPT_MS = 60 * 60 * 1000;

export const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

/**
 * What was bundled last, so that a change of one file bundles again only what has it in it: a second for all functions,
 * a tenth of one for most. Every file appears by a rename and never changes: two syntheses at once do each other no harm.
 *
 * @param root of the repository; what lies in its node_modules is told apart by `key` alone
 * @param key whatever else a bundle depends on
 */
export function createCodeCache({ root, outdir, key }: { root: string; outdir: string; key: string }) {
  const directory = join(outdir, 'code');
  const recordOf = (name: string) => join(directory, `${name}-${sha256(key).slice(0, 16)}.json`);
  const hashes = new Map<string, string>();
  function hashOf(source: string): string {
    const hash = hashes.get(source) ?? sha256(readFileSync(join(root, source)));
    hashes.set(source, hash);
    return hash;
  }

  /** Undefined if one of its sources changed or is gone, or if there is nothing yet. */
  function get(name: string): Code | undefined {
    try {
      const { sources, code } = recordShape.parse(JSON.parse(readFileSync(recordOf(name), 'utf8')));
      if (!Object.entries(sources).every(([source, hash]) => hashOf(source) === hash)) return undefined;
      const paths = [join(directory, `${code}.mjs`), join(directory, `${code}.map`)] as const;
      for (const path of [...paths, recordOf(name)]) utimesSync(path, new Date(), new Date());
      return { code: readFileSync(paths[0]), map: readFileSync(paths[1]) };
    } catch {
      return undefined;
    }
  }

  /** @param entry path of its entry file in the metafile */
  function put(name: string, { code, map }: Code, entry: string, metafile: Metafile): void {
    const sources = Object.fromEntries(sourcesOf(entry, metafile).map((source) => [source, hashOf(source)]));
    const id = `${name}-${sha256(code)}`;
    mkdirSync(directory, { recursive: true });
    place(join(directory, `${id}.map`), map);
    place(join(directory, `${id}.mjs`), code);
    place(recordOf(name), JSON.stringify({ sources, code: id }));
  }

  /** Removes what was neither made nor used for an hour. */
  function prune(): void {
    for (const path of globSync('*', { cwd: directory }).map((file) => join(directory, file))) {
      const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
      if (Date.now() - mtimeMs > KEPT_MS) rmSync(path, { force: true });
    }
  }

  return { get, put, prune };
}

function place(path: string, content: string | Uint8Array): void {
  const half = `${path}.${process.pid}`;
  writeFileSync(half, content);
  renameSync(half, path);
}

/** Whatever the entry imports, directly or not, also where nothing of it is left in the bundle: it may be tomorrow. */
function sourcesOf(entry: string, { inputs }: Metafile): string[] {
  const seen = new Set([entry]);
  for (const path of seen) for (const imported of inputs[path]?.imports ?? []) seen.add(imported.path);
  return [...seen].filter((path) => path in inputs && !path.includes('node_modules/') && !path.includes(':'));
}
