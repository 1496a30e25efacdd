import { readFileSync } from 'node:fs';

/**
 * graphql-codegen plugin: a file of core/photo as it stands. The client tells what a file is before it sends it, in the
 * server's words, and imports nothing of ours.
 */
export function plugin(_schema: unknown, _documents: unknown, { file }: { file: string }) {
  return { content: readFileSync(`core/photo/${file}`, 'utf8') };
}
