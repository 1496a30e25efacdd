import { globSync, statSync, watch } from 'node:fs';
import { join, resolve } from 'node:path';
import type { App } from './app.ts';

const SETTLED_MS = 30;
/** What builds, runs and tools write, so that a synthesis does not set off the next one. */
const isOutput = (name: string) => name.startsWith('.') || ['node_modules', 'cdk.out', 'coverage'].includes(name);

/** Calls `changed` whenever something that the app could read was written, once for a handful of files. */
export function watchInputs({ directory = '.', isNoInput = () => false }: App, changed: () => void): void {
  const root = resolve(directory);
  let timer: NodeJS.Timeout;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLED_MS);
  };
  const names = globSync('*', { cwd: root, exclude: (name) => isOutput(name) || isNoInput(name) });
  const directories = names.map((name) => join(root, name)).filter((path) => statSync(path).isDirectory());
  watch(root, later);
  for (const path of directories) watch(path, { recursive: true }, later);
}
