import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startS3 } from '../cloud/s3/startS3.ts';
import { serveEngine } from '../test/support/serveEngine.ts';
import { fetchModelFile } from './modelFile.ts';

const model = randomBytes(200_000);
const manifest = { name: 'tiny', version: '1', sha256: createHash('sha256').update(model).digest('hex') };
const root = mkdtempSync(join(tmpdir(), 'model-file-'));
let directory: string;

beforeAll(() => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIALOCALADMIN');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
beforeEach(() => {
  directory = mkdtempSync(join(root, 'tmp-'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

describe('a model in S3', () => {
  const s3 = startS3({ dataDir: join(root, 's3'), secretOf: () => 'secret' });
  let server: Awaited<ReturnType<typeof serveEngine>>;

  beforeAll(async () => {
    await s3.createBucket({ name: 'assets' });
    server = await serveEngine(s3.engine);
    vi.stubEnv('AWS_ENDPOINT_URL_S3', server.url);
    const client = new S3Client({});
    await client.send(new PutObjectCommand({ Bucket: 'assets', Key: 'model', Body: model }));
    await client.send(new PutObjectCommand({ Bucket: 'assets', Key: 'other', Body: 'another model' }));
    await client.send(new GetObjectCommand({ Bucket: 'assets', Key: 'model' }));
  });
  afterAll(async () => {
    await server.stop();
    await s3.stop();
  });

  const source = (key = 'model') => ({ bucketName: 'assets', key, directory });

  test('is fetched once, and kept under its sha256', async () => {
    const path = await fetchModelFile(manifest, source());
    expect(path).toBe(join(directory, `${manifest.sha256}.onnx`));
    expect(readFileSync(path)).toEqual(model);
    // Only what is kept can answer this one.
    expect(await fetchModelFile(manifest, source('gone'))).toBe(path);
  });

  test.each([
    ['half of it', model.subarray(0, 100_000)],
    ['all of it, with one byte changed', Buffer.concat([model.subarray(0, -1), Buffer.from([model.at(-1)! ^ 1])])],
    ['nothing', Buffer.alloc(0)],
  ])('is fetched again where the directory holds %s', async (_, left) => {
    writeFileSync(join(directory, `${manifest.sha256}.onnx`), left);
    expect(readFileSync(await fetchModelFile(manifest, source()))).toEqual(model);
  });

  test('is whole for all who ask at once, and leaves nothing half beside it', async () => {
    const paths = await Promise.all(Array.from({ length: 5 }, () => fetchModelFile(manifest, source())));
    expect(new Set(paths).size).toBe(1);
    expect(readFileSync(paths[0]!)).toEqual(model);
    expect(readdirSync(directory)).toEqual([`${manifest.sha256}.onnx`]);
  });

  test('that is another one is refused, with what it is and what it should be', async () => {
    await expect(fetchModelFile(manifest, source('other'))).rejects.toThrow(
      new RegExp(`13 bytes, sha256 [0-9a-f]{64}\\) is not tiny 1 \\(sha256 ${manifest.sha256}\\)`),
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  test('that is not there is told so', async () => {
    await expect(fetchModelFile(manifest, source('gone'))).rejects.toThrow('The model is not in S3');
  });

  const inOwnMounts = ['-c', 'exec unshare -m sh -c "$0" "$@"'];
  const namespaces = spawnSync('sh', [...inOwnMounts, 'mount -t tmpfs tmpfs /mnt']).status === 0;
  const reason = namespaces ? '' : ' (skipped: this machine gives no small file system to fill)';
  test.skipIf(!namespaces)(`that finds no room is told what to do${reason}`, async () => {
    const code = `
      const { fetchModelFile } = await import(${JSON.stringify(join(import.meta.dirname, 'modelFile.ts'))});
      const source = ${JSON.stringify(source())};
      await fetchModelFile(${JSON.stringify(manifest)}, source).catch((error) => console.log(error.message));
      console.log((await import('node:fs')).readdirSync(source.directory).length);`;
    const shell = 'mount -t tmpfs -o size=64k tmpfs "$0" && exec "$1" --input-type=module -e "$2"';
    const { stdout } = await promisify(execFile)('sh', [...inOwnMounts, shell, directory, process.execPath, code]);
    expect(stdout).toBe(
      `No room for the model (200000 bytes) in ${directory}: give the function more ephemeral storage\n0\n`,
    );
  });
});

/** Answers GetObject in turn as told; the last one stays. */
async function withAnswers(
  answers: ((response: ServerResponse) => void)[],
  task: () => Promise<void>,
): Promise<number> {
  let asked = 0;
  const server = createServer((_, response) => answers[Math.min(asked++, answers.length - 1)]!(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  await task().finally(() => server.close());
  return asked;
}

describe('a download', () => {
  const source = () => ({ bucketName: 'assets', key: 'model', directory });
  const whole = (response: ServerResponse) => response.end(model);
  const damaged = (response: ServerResponse) => response.end(Buffer.alloc(model.length));
  const brokenOff = (response: ServerResponse) => {
    response
      .writeHead(200, { 'content-length': model.length })
      .write(model.subarray(0, 50_000), () => response.destroy());
  };

  test.each([
    ['arrived damaged', damaged],
    ['broke off in the middle', brokenOff],
  ])('that %s is made again', async (_, bad) => {
    const asked = await withAnswers([bad, bad, whole], async () => {
      expect(readFileSync(await fetchModelFile(manifest, source()))).toEqual(model);
    });
    expect(asked).toBe(3);
  });

  test('that is damaged every time ends with an error, and the next call begins anew', async () => {
    await withAnswers([damaged], () => expect(fetchModelFile(manifest, source())).rejects.toThrow(/is not tiny 1/));
    await withAnswers([whole], async () => {
      expect(readFileSync(await fetchModelFile(manifest, source()))).toEqual(model);
    });
  });
});
