import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { requestFromItem } from '../../adapters/requestStore.ts';
import { type DynamoDb, startDynamoDb } from '../../cloud/dynamodb/startDynamoDb.ts';
import { ADMIN_ACCESS_KEY, type AwsEngine, REGION, SECRET_ACCESS_KEY } from '../../cloud/engine.ts';
import { startGateway } from '../../cloud/gateway/startGateway.ts';
import { startS3 } from '../../cloud/s3/startS3.ts';
import { type Sqs, startSqs } from '../../cloud/sqs/startSqs.ts';
import type { LesionRequest } from '../../core/request.ts';

const TABLE = 'RequestTable';
const RATE_LIMIT_TABLE = 'RateLimitTable';
const BUCKET = 'uploads';
const QUEUES = ['inference', 'enrichment', 'inference-dead', 'enrichment-dead'] as const;
export type QueueName = (typeof QUEUES)[number];

/** Seconds. */
export const LEASE = 120;
export const VISIBILITY = 6 * LEASE;
/** Fewer than the template's five, so that a random history comes as far as the dead letters. */
const MAX_RECEIVES = 2;

/** Two versions of a request that follow each other, from the table's stream. */
export interface Change {
  before: LesionRequest | undefined;
  after: LesionRequest | undefined;
}

export type Engines = Awaited<ReturnType<typeof startEngines>>;

/** DynamoDB, SQS and S3 behind one gateway, and the environment that leads the product's adapters to them. */
export async function startEngines() {
  const directory = await mkdtemp(join(tmpdir(), 'lifecycle-'));
  const s3 = startS3({ dataDir: directory, secretOf: () => SECRET_ACCESS_KEY });
  await s3.createBucket({ name: BUCKET });
  let dynamoDb: DynamoDb = await startDynamoDb();
  let sqs: Sqs = await startSqs(() => gateway.url);
  const gateway = await startGateway({
    engines: [inPlaceOf(dynamoDb.engine, () => dynamoDb.engine), inPlaceOf(sqs.engine, () => sqs.engine), s3.engine],
    authorize: () => true,
    log: () => {},
  });
  const queueUrl = (name: QueueName) => `${gateway.url}/000000000000/${name}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: gateway.url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: ADMIN_ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
    REQUEST_TABLE_NAME: TABLE,
    RATE_LIMIT_TABLE_NAME: RATE_LIMIT_TABLE,
    SUBMISSIONS_PER_MINUTE: '1000',
    UPLOAD_BUCKET_NAME: BUCKET,
    INFERENCE_QUEUE_URL: queueUrl('inference'),
    RETENTION_DAYS: '30',
  });

  return {
    tableName: TABLE,
    bucketName: BUCKET,
    queueUrl,
    queueUrls: QUEUES.map(queueUrl),
    /** Empty tables and queues, under the names of the old ones. */
    async startAfresh(): Promise<void> {
      await Promise.all([dynamoDb.stop(), sqs.stop()]);
      // No sweep by TTL in the middle of a history.
      dynamoDb = await startDynamoDb({ sweepEveryMs: 3_600_000 });
      sqs = await startSqs(() => gateway.url);
      await createTables(dynamoDb);
      await createQueues(sqs);
    },
    /** @returns the photo's key */
    async upload(owner: string, content: string): Promise<string> {
      const key = `uploads/${owner.replace('#', '/')}/${randomUUID()}`;
      const url = new URL(`${gateway.url}/${BUCKET}/${key}`);
      const body = Buffer.from(content);
      await s3.engine.handle({ service: 's3', accessKeyId: ADMIN_ACCESS_KEY, method: 'PUT', url, headers: {}, body });
      return key;
    },
    /** Every change that was ever made, in order. */
    async history(): Promise<Change[]> {
      const records = await dynamoDb.stream(TABLE).read('TRIM_HORIZON', 10_000);
      return records.map(({ dynamodb }) => ({
        before: requestOf(dynamodb?.OldImage),
        after: requestOf(dynamodb?.NewImage),
      }));
    },
    async stop(): Promise<void> {
      await gateway.stop();
      await Promise.all([dynamoDb.stop(), sqs.stop(), s3.stop()]);
      await rm(directory, { recursive: true });
    },
  };
}

function inPlaceOf(engine: AwsEngine, current: () => AwsEngine): AwsEngine {
  return { ...engine, handle: (call) => current().handle(call) };
}

async function createTables(dynamoDb: DynamoDb): Promise<void> {
  const text = (...names: string[]) => names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' }));
  const keys = (hash: string, range?: string) => [
    { AttributeName: hash, KeyType: 'HASH' },
    ...(range ? [{ AttributeName: range, KeyType: 'RANGE' }] : []),
  ];
  await dynamoDb.createTable({
    TableName: TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keys('requestId'),
    AttributeDefinitions: text('requestId', 'owner', 'submittedAt', 'dueBucket', 'dueAt'),
    GlobalSecondaryIndexes: [
      { IndexName: 'byOwner', KeySchema: keys('owner', 'submittedAt'), Projection: { ProjectionType: 'ALL' } },
      { IndexName: 'due', KeySchema: keys('dueBucket', 'dueAt'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  await dynamoDb.createTable({
    TableName: RATE_LIMIT_TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keys('ownerMinute'),
    AttributeDefinitions: text('ownerMinute'),
  });
}

async function createQueues(sqs: Sqs): Promise<void> {
  for (const name of ['inference', 'enrichment'] as const) {
    const dead = await sqs.createQueue({ name: `${name}-dead`, attributes: { VisibilityTimeout: VISIBILITY } });
    const RedrivePolicy = { deadLetterTargetArn: dead.arn, maxReceiveCount: MAX_RECEIVES };
    await sqs.createQueue({ name, attributes: { VisibilityTimeout: VISIBILITY, RedrivePolicy } });
  }
}

function requestOf(image: object | undefined): LesionRequest | undefined {
  return image && requestFromItem(unmarshall(image as Parameters<typeof unmarshall>[0]));
}
