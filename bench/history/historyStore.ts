import { randomUUID } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { createRequestStore, type PageStart, type RequestStore } from '../../adapters/requestStore.ts';
import { type DynamoDb, startDynamoDb } from '../../cloud/dynamodb/startDynamoDb.ts';
import type { TableProperties } from '../../cloud/dynamodb/tableStore.ts';
import { ADMIN_ACCESS_KEY } from '../../cloud/engine.ts';
import { startGateway } from '../../cloud/gateway/startGateway.ts';
import { readTemplate } from '../../cloud/template/template.ts';
import type { LesionRequest, LiveRequest, Result } from '../../core/request.ts';
import { savePrediction, settle, submit, take } from '../../core/transitions.ts';
import { synthesizeProduct } from '../../local/product.ts';
import { useEndpoint } from '../benchCloud.ts';
import { temporaryDirectory } from '../processes.ts';

/** The one tenant to whom the whole history belongs: the worst case of a list. */
export const OWNER = 'apikey';
/** As many are open, and overdue, whatever the history. */
export const OPEN_REQUESTS = 50;
const TABLE = 'RequestTable';
/** The most that BatchWriteItem takes. */
const BATCH = 25;
/** Batches between two trims of the stream, which the publisher's checkpoints bring about in the whole run. */
const BATCHES_PER_TRIM = 20;

/** The request table, on disk behind a gateway of its own, with a history in it. */
export interface HistoryStore {
  store: RequestStore;
  /** Where the requests that have ended stand in their owner's list. */
  places: PageStart[];
  stop(): Promise<void>;
}

/** @param result what every request of the history ended with */
export async function startHistoryStore(count: number, result: Result): Promise<HistoryStore> {
  const directory = temporaryDirectory('history');
  const dynamoDb = await startDynamoDb({ dataDir: directory.path });
  await dynamoDb.createTable({ ...(await tableProperties()), TableName: TABLE });
  const gateway = await startGateway({ engines: [dynamoDb.engine], authorize: () => true, log: console.error });
  const places = await fill(dynamoDb, count, result);
  useEndpoint(gateway.url);
  const store = createRequestStore(TABLE);
  // The SDK asks for the endpoint at the first call, and keeps it.
  if (!(await store.get(places[0]?.requestId ?? ''))) throw new Error('The history was not written');
  return {
    store,
    places,
    async stop() {
      await gateway.stop();
      await dynamoDb.stop();
      directory.remove();
    },
  };
}

/** As the template has it. */
async function tableProperties(): Promise<TableProperties> {
  const { resources } = readTemplate(await synthesizeProduct());
  const table = resources.find(
    ({ type, logicalId }) => type === 'AWS::DynamoDB::Table' && /^RequestTable/.test(logicalId),
  );
  return z.custom<TableProperties>().parse(table?.properties);
}

async function fill(dynamoDb: DynamoDb, count: number, result: Result): Promise<PageStart[]> {
  const start = Date.now() - count * 1000;
  const open = Array.from({ length: OPEN_REQUESTS }, (_, index) => pending(new Date(start - index * 1000)));
  await writeBatches(dynamoDb, open);
  const places: PageStart[] = [];
  for (let done = 0; done < count; done += BATCH * BATCHES_PER_TRIM) {
    const size = Math.min(BATCH * BATCHES_PER_TRIM, count - done);
    const requests = Array.from({ length: size }, (_, index) =>
      completed(new Date(start + (done + index) * 1000), result),
    );
    places.push(...requests.map(({ requestId, submittedAt }) => ({ requestId, submittedAt })));
    await writeBatches(dynamoDb, requests);
    const stream = dynamoDb.stream(TABLE);
    await stream.saveCheckpoint('publisher', stream.latest());
  }
  return places;
}

export function pending(at: Date) {
  const requestId = randomUUID();
  const image = { key: `uploads/${OWNER}/${requestId}`, etag: `"${requestId.replaceAll('-', '')}"`, bytes: 40_000 };
  return submit({ requestId, owner: OWNER, image, describe: false, locale: 'en' }, 30, at);
}

/** As most of a history is: ended, and seen to by the sweeper. */
function completed(at: Date, result: Result): LiveRequest {
  const request = savePrediction(take(pending(at), randomUUID(), at), result, at);
  return request.status === 'COMPLETED' ? settle(request) : request;
}

async function writeBatches(dynamoDb: DynamoDb, requests: LesionRequest[]): Promise<void> {
  const puts = requests.map((request) => {
    const item = 'dueAt' in request ? { ...request, dueBucket: 'due' } : request;
    return { PutRequest: { Item: marshall(item, { removeUndefinedValues: true }) } };
  });
  for (let start = 0; start < puts.length; start += BATCH) {
    const answer = await dynamoDb.engine.handle({
      service: 'dynamodb',
      accessKeyId: ADMIN_ACCESS_KEY,
      method: 'POST',
      url: new URL('http://127.0.0.1/'),
      headers: { 'x-amz-target': 'DynamoDB_20120810.BatchWriteItem' },
      body: Buffer.from(JSON.stringify({ RequestItems: { [TABLE]: puts.slice(start, start + BATCH) } })),
    });
    if (answer.status !== 200) throw new Error(`The history was not written: ${answer.body}`);
  }
}
