import { randomUUID } from 'node:crypto';
import { createPublisher } from '../../adapters/publisher.ts';
import { createRequestStore } from '../../adapters/requestStore.ts';
import type { LesionClient } from '../../client/lesionClient.ts';
import { ADMIN_ACCESS_KEY, REGION, SECRET_ACCESS_KEY } from '../../cloud/engine.ts';
import type { LesionRequest } from '../../core/request.ts';
import { viewOf } from '../../core/requestView.ts';
import { submit } from '../../core/transitions.ts';
import { publishRequestUpdate } from '../../workers/publisher/generated/publishRequestUpdate.ts';
import { type BenchCloud, settle } from '../benchCloud.ts';
import { type Effort, type Figure, median, medianFigure, percentileFigure } from '../figure.ts';
import { arrivalsOf } from './arrivals.ts';

const USER = 'listener';
const WARM_UP = 10;

/** Milliseconds from a call to the subscriber's callback, and to the call's own answer. */
interface Samples {
  pushes: number[];
  answers: number[];
}

/** Makes the next version of a request known, in one way or the other. */
type Act = (before: LesionRequest) => Promise<LesionRequest>;

/** From a change to the subscriber's callback, one change at a time. */
export async function measurePushes(bench: BenchCloud, effort: Effort): Promise<Figure[]> {
  const count = effort === 'quick' ? 10 : 300;
  const client = bench.clientOf(USER);
  const release = await client.listen();
  const owner = await bench.ownerOf(USER);
  const writes = await measureEach(client, aRequest(owner), await writingAct(bench), count);
  const mutations = await measureEach(client, aRequest(owner), publishingAct(bench), count);
  release();
  return [
    ...figuresOf('DynamoDB write → subscriber', 'the write alone', writes, 25),
    ...figuresOf('mutation publishRequestUpdate → subscriber', "the mutation's own answer", mutations),
  ];
}

/** As the workers write: one conditional PutItem. */
async function writingAct({ cloud }: BenchCloud): Promise<Act> {
  const store = createRequestStore(cloud.outputs.RequestTableName ?? '');
  return async (before) => {
    if (before.status === 'PENDING' && before.version === 1) await store.create(before);
    const change = await store.change(before.requestId, nextVersion, before);
    if (!change) throw new Error('The request to change is gone');
    return change.after;
  };
}

function publishingAct({ cloud }: BenchCloud): Act {
  const credentials = { accessKeyId: ADMIN_ACCESS_KEY, secretAccessKey: SECRET_ACCESS_KEY };
  const { publish } = createPublisher(cloud.config.graphqlUrl, publishRequestUpdate, REGION, credentials);
  return async (before) => {
    const after = nextVersion(before);
    await publish(viewOf(after));
    return after;
  };
}

async function measureEach(client: LesionClient, first: LesionRequest, act: Act, count: number): Promise<Samples> {
  const arrivals = arrivalsOf(client, first.requestId);
  const samples: Samples = { pushes: [], answers: [] };
  let request = first;
  for (let round = -WARM_UP; round < count; round++) {
    await settle();
    const start = performance.now();
    request = await act(request);
    const answered = performance.now();
    const arrived = await arrivals.of(request.version);
    if (round < 0) continue;
    samples.pushes.push(arrived - start);
    samples.answers.push(answered - start);
  }
  await arrivals.stop();
  return samples;
}

function figuresOf(figure: string, answer: string, { pushes, answers }: Samples, limit?: number): Figure[] {
  const reference = { what: answer, value: median(answers) };
  const hold = limit && { text: `≤ ${limit} ms`, limit };
  return [
    medianFigure(`${figure}, p50`, 'ms', pushes, { reference, ...(hold && { hold }) }),
    percentileFigure(`${figure}, p99`, 'ms', pushes, 0.99, { reference }),
  ];
}

function aRequest(owner: string): LesionRequest {
  const image = { key: 'uploads/none', etag: '"none"', bytes: 1 };
  return submit({ requestId: randomUUID(), owner, image, describe: false, locale: 'en' }, 30, new Date());
}

function nextVersion<Some extends LesionRequest>(request: Some): Some {
  return { ...request, version: request.version + 1, updatedAt: new Date().toISOString() };
}
