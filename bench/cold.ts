import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createImageStore } from '../adapters/imageStore.ts';
import { createRequestStore } from '../adapters/requestStore.ts';
import { viewCountOf } from '../core/modelManifest.ts';
import { submit } from '../core/transitions.ts';
import { readModelDirectory, referenceModel } from '../models/modelDirectory.ts';
import { type BenchCloud, photo, settle, withCloud } from './benchCloud.ts';
import { type Effort, type Figure, median, medianFigure } from './figure.ts';
import { emptyNode, runNode } from './processes.ts';

/** The deployed inference function in the embedded run, from the start of its process to the answer of its first invocation. */
export async function measureCold(effort: Effort): Promise<Figure[]> {
  const rounds = effort === 'quick' ? 2 : 9;
  return await withCloud(async (bench) => {
    const samples = { reference: [] as number[], empty: [] as number[], fresh: [] as number[], kept: [] as number[] };
    // Resolves what is lazy in the host, and in the operating system's file cache.
    await coldStart(bench, 'fresh');
    for (let round = 0; round < rounds; round++) {
      samples.empty.push(await emptyNode());
      samples.reference.push(await bareStart());
      samples.fresh.push(await coldStart(bench, 'fresh'));
      samples.kept.push(await coldStart(bench, 'kept'));
    }
    return figuresOf(samples);
  });
}

function figuresOf({
  reference,
  empty,
  fresh,
  kept,
}: Record<'reference' | 'empty' | 'fresh' | 'kept', number[]>): Figure[] {
  const bare = { what: 'Node start + session create + first run', value: median(reference) };
  const hold = { text: '≤ 1.5 ×', limit: 1.5 * median(reference) };
  return [
    medianFigure('inference function, process start to first result; empty /tmp', 'ms', fresh, {
      reference: bare,
      hold,
    }),
    medianFigure('the same with the model in /tmp already', 'ms', kept, { reference: bare, detail: true }),
    medianFigure('the reference itself', 'ms', reference, {
      reference: { what: 'node -e 0', value: median(empty) },
      detail: true,
    }),
  ];
}

/** Node start, session create and as many runs as the model has views; then one line of output. */
async function bareStart(): Promise<number> {
  const { manifest, modelFile } = readModelDirectory(referenceModel);
  const { width, height, name } = manifest.input;
  const program = `
    import { InferenceSession, Tensor } from 'onnxruntime-node';
    const session = await InferenceSession.create(${JSON.stringify(modelFile)}, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const image = new Tensor('uint8', new Uint8Array(${width * height * 3}), [1, ${height}, ${width}, 3]);
    for (let view = 0; view < ${viewCountOf(manifest)}; view++) await session.run({ ${name}: image });
    process.stdout.write('ran');`;
  return (await runNode(['--input-type=module', '-e', program])).untilOutput;
}

/**
 * A request and its photo put where the function looks for them, past the queue, so that no poller's wait is in it.
 *
 * @param tmp whether /tmp is as on a new machine, or has the model of an earlier process
 */
async function coldStart({ cloud, dataDir, ownerOf }: BenchCloud, tmp: 'fresh' | 'kept'): Promise<number> {
  const requests = createRequestStore(cloud.outputs.RequestTableName ?? '');
  const requestId = randomUUID();
  const image = await putPhoto(cloud.outputs.UploadBucketName ?? '', `uploads/bench/${requestId}`);
  const owner = await ownerOf('bench');
  await requests.create(submit({ requestId, owner, image, describe: false, locale: 'en' }, 30, new Date()));
  const inference = cloud.functions.get('inference');
  if (!inference) throw new Error('The template has no function inference');
  await inference.kill();
  if (tmp === 'fresh') await rm(join(dataDir, 'tmp/inference'), { recursive: true, force: true });
  await settle();
  const started = performance.now();
  const answer = await inference.invoke({ Records: [messageOf(requestId)] });
  const milliseconds = performance.now() - started;
  const status = (await requests.get(requestId))?.status;
  if (status !== 'COMPLETED') throw new Error(`The cold function left ${status}: ${JSON.stringify(answer)}`);
  return milliseconds;
}

async function putPhoto(bucketName: string, key: string) {
  const client = new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  await client.send(new PutObjectCommand({ Bucket: bucketName, Key: key, Body: photo, ContentType: 'image/jpeg' }));
  client.destroy();
  return createImageStore(bucketName).pin(key);
}

function messageOf(requestId: string) {
  const attributes = { ApproximateReceiveCount: '1' };
  return { messageId: randomUUID(), receiptHandle: 'none', body: JSON.stringify({ requestId }), attributes };
}
