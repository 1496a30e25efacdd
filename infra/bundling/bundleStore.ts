import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { AssetFile } from './nativeModules.ts';

/** A function's code: a directory that never changes, and the hash of what is in it. */
export interface Bundle {
  directory: string;
  hash: string;
}

interface BundleContent {
  outdir: string;
  name: string;
  code: Uint8Array;
  map: Uint8Array;
  beside: AssetFile[];
  /** What tells one `beside` from another. */
  identity: string[];
}

/** Old bundles may belong to a synthesis that is still going on. */
const KEPT_MS = 60 * 60 * 1000;

/** Under its hash: options that differ, or two syntheses at once, never write into each other's directory. */
export function keepBundle({ outdir, name, code, map, beside, identity }: BundleContent): Bundle {
  const hash = createHash('sha256').update(code).update(JSON.stringify(identity)).digest('hex');
  const id = `${name}-${hash.slice(0, 16)}`;
  const directory = join(outdir, 'assets', id);
  if (existsSync(directory)) {
    utimesSync(directory, new Date(), new Date());
  } else {
    fill(directory, code, beside);
    write(join(outdir, 'maps', `${id}.map`), map);
  }
  pointTo(directory, join(outdir, 'lambda', name));
  return { directory, hash };
}

/** The directory appears by a rename: whoever sees it sees it whole. */
function fill(directory: string, code: Uint8Array, beside: AssetFile[]): void {
  const half = `${directory}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  write(join(half, 'index.mjs'), code);
  for (const { from, to } of beside) link(from, join(half, to));
  try {
    renameSync(half, directory);
  } catch (error) {
    // Another synthesis was faster.
    if (!existsSync(directory)) throw error;
    rmSync(half, { recursive: true, force: true });
  }
}

function write(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** 60 MB of libraries need not be on disk twice; on another file system they have to. */
function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function pointTo(directory: string, pointer: string): void {
  mkdirSync(dirname(pointer), { recursive: true });
  const fresh = `${pointer}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(relative(dirname(pointer), directory), fresh, 'dir');
  renameSync(fresh, pointer);
}

/** Removes what no synthesis of the last hour made or used. */
export function pruneBundles(outdir: string): void {
  const assets = join(outdir, 'assets');
  for (const path of globSync('*', { cwd: assets }).map((id) => join(assets, id))) {
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
  for (const map of globSync('*', { cwd: join(outdir, 'maps') })) {
    if (!existsSync(join(assets, basename(map, '.map')))) rmSync(join(outdir, 'maps', map), { force: true });
  }
}
