import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ModelDirectory } from '../models/modelDirectory.ts';

const BLOCK = 512;

/**
 * The model as SageMaker takes it for a serverless endpoint: a gzipped tar, unpacked into /opt/ml/model. The same model
 * gives the same bytes.
 *
 * @returns path of the archive, named after the model's sha256
 */
export function modelArchive({ manifest, manifestFile, modelFile }: ModelDirectory, outdir: string): string {
  const path = join(outdir, 'models', `${manifest.sha256}.tar.gz`);
  const tar = Buffer.concat([
    tarEntry('manifest.json', readFileSync(manifestFile)),
    tarEntry(manifest.file, readFileSync(modelFile)),
    Buffer.alloc(2 * BLOCK),
  ]);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, gzipSync(tar, { level: 1 }));
  renameSync(`${path}.${process.pid}`, path);
  return path;
}

/** A file in the ustar format, without owner or time. https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html */
function tarEntry(name: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${octal(content.length, 11)}\0`, 124);
  header.write(`${octal(0, 11)}\0`, 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${octal(checksum, 6)}\0 `, 148);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding]);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
