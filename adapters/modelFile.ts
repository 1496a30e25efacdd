import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ModelManifest } from '../core/modelManifest.ts';
import { boundedClient, isAwsError } from './awsClient.ts';
import { log } from './log.ts';

export interface ModelSource {
  bucketName: string;
  key: string;
  /** Where it is kept for the next invocation, e.g. /tmp. */
  directory: string;
}

type Wanted = Pick<ModelManifest, 'sha256' | 'name' | 'version'>;

/** A download may break off or arrive wrong; one that is wrong three times is another model. */
const tries = 3;

/**
 * The model's ONNX file from S3, kept under its sha256 so that a new model never meets an old file. A file that is
 * there but wrong (half written, corrupted) is fetched again. It appears by a rename, so a second caller sees it
 * whole or not at all.
 *
 * @returns path of a file whose sha256 is the manifest's
 * @throws Error if what S3 has is not that file, or the disk is full
 */
export async function fetchModelFile(manifest: Wanted, source: ModelSource): Promise<string> {
  const path = join(source.directory, `${manifest.sha256}.onnx`);
  if (holds(path, manifest.sha256)) return path;
  const bytes = await download(manifest, source);
  await writeWhole(path, bytes);
  log.info('model fetched', { count: bytes.length });
  return path;
}

/** All at once: read in pieces, each would wait for the next module to load, a tenth of a second in all. */
function holds(path: string, sha256: string): boolean {
  try {
    return sha256Of(readFileSync(path)) === sha256;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}

async function download(manifest: Wanted, source: ModelSource): Promise<Uint8Array> {
  const client = new S3Client(boundedClient);
  try {
    for (let left = tries - 1; ; left--) {
      const bytes = await getObject(client, source).catch((error: unknown) => brokenOff(error, left));
      if (bytes && sha256Of(bytes) === manifest.sha256) return bytes;
      if (left === 0) throw new Error(notThisModel(manifest, bytes ?? new Uint8Array()));
      log.warn('the model arrived damaged and is fetched again', { count: bytes?.length ?? 0 });
    }
  } finally {
    client.destroy();
  }
}

async function getObject(client: S3Client, { bucketName, key }: ModelSource): Promise<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucketName, Key: key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

/** The SDK tries again what fails before an answer; what breaks off in the middle of one is left to us. */
function brokenOff(error: unknown, triesLeft: number): undefined {
  if (isAwsError(error, 'NoSuchKey', 'NoSuchBucket', 'AccessDenied'))
    throw new Error('The model is not in S3', { cause: error });
  if (triesLeft === 0) throw error;
}

function notThisModel({ name, version, sha256 }: Wanted, bytes: Uint8Array): string {
  return `What S3 has (${bytes.length} bytes, sha256 ${sha256Of(bytes)}) is not ${name} ${version} (sha256 ${sha256}): deploy both together`;
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const half = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(half, bytes);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    if (isCode(error, 'ENOSPC')) {
      const message = `No room for the model (${bytes.length} bytes) in ${dirname(path)}: give the function more ephemeral storage`;
      throw new Error(message, { cause: error });
    }
    throw error;
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
