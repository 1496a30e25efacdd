import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `etag`: MD5 in hex, quoted. `lastModified`: ISO 8601. */
export interface StoredObject {
  key: string;
  etag: string;
  contentType: string;
  lastModified: string;
  body: Buffer;
}

export type ObjectStore = Awaited<ReturnType<typeof openObjectStore>>;

/**
 * The objects of one bucket, a file each: a line of JSON metadata, then the body. So one rename replaces both at once,
 * and a crash leaves the old object or the new one. Files are named by the key's hash: no key leads out of `dir`.
 */
export async function openObjectStore(dir: string) {
  const partialDir = join(dir, '.partial');
  await rm(partialDir, { recursive: true, force: true });
  await mkdir(partialDir, { recursive: true });
  const fileOf = (key: string) => join(dir, createHash('sha256').update(key).digest('hex'));

  return {
    get: (key: string) => readObject(fileOf(key)),
    delete: (key: string) => rm(fileOf(key), { force: true }),
    async put(key: string, body: Buffer, contentType = 'binary/octet-stream'): Promise<{ etag: string }> {
      const etag = `"${createHash('md5').update(body).digest('hex')}"`;
      const metadata = JSON.stringify({ key, etag, contentType, lastModified: new Date().toISOString() });
      const partial = join(partialDir, randomUUID());
      await writeFile(partial, Buffer.concat([Buffer.from(`${metadata}\n`), body]), { mode: 0o600 });
      await rename(partial, fileOf(key));
      return { etag };
    },
    /** Deletes what was written at or before `time` (epoch milliseconds) under a prefix. */
    async expire(prefix: string, time: number): Promise<void> {
      for (const file of (await readdir(dir)).map((name) => join(dir, name))) {
        const written = await stat(file).catch(undefinedIfMissing);
        if (!written?.isFile() || written.mtimeMs > time) continue;
        if ((await readObject(file))?.key.startsWith(prefix)) await rm(file, { force: true });
      }
    },
  };
}

async function readObject(file: string): Promise<StoredObject | undefined> {
  const content = await readFile(file).catch(undefinedIfMissing);
  const lineEnd = content?.indexOf('\n') ?? 0;
  return content && { ...JSON.parse(content.toString('utf8', 0, lineEnd)), body: content.subarray(lineEnd + 1) };
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
