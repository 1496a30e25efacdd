import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_KEY_PREFIX, ADMIN_ACCESS_KEY, SECRET_ACCESS_KEY } from '../engine.ts';
import { type Gateway, startGateway } from '../gateway/startGateway.ts';
import { startIam } from '../iam/startIam.ts';
import { type DynamoDb, type DynamoDbOptions, startDynamoDb } from './startDynamoDb.ts';
import type { TableProperties } from './tableStore.ts';

const TableName = 'RequestTable';
const TABLE: TableProperties = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'requestId', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'requestId', AttributeType: 'S' }],
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
};
const TABLE_ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/RequestTable';
const BY_OWNER = {
  AttributeDefinitions: [...TABLE.AttributeDefinitions, { AttributeName: 'owner', AttributeType: 'S' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byOwner',
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

let dataDir: string;
let dynamo: DynamoDb;
let gateway: Gateway;
let client: DynamoDBClient;
let clock: number;

/** No sweep comes by itself, and the clock stands. */
async function start(table: TableProperties | undefined = TABLE, options?: DynamoDbOptions): Promise<void> {
  dynamo = await startDynamoDb({ dataDir, now: () => clock, sweepEveryMs: 1e9, ...options });
  await dynamo.createTable(table);
  const iam = startIam(new Map([[`${ACCESS_KEY_PREFIX}ReaderRole`, [{ Statement: READER }]]]));
  const authorize: Parameters<typeof startGateway>[0]['authorize'] = (key, { action, resource }) =>
    iam.authorize(key, action, resource);
  gateway = await startGateway({ engines: [dynamo.engine], authorize, log: () => undefined });
  client = clientOf(ADMIN_ACCESS_KEY);
}

const READER = {
  Effect: 'Allow' as const,
  Action: ['dynamodb:BatchGetItem', 'dynamodb:Query'],
  Resource: [`${TABLE_ARN}/index/*`],
};

function clientOf(accessKeyId: string): DynamoDBClient {
  const credentials = { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY };
  return new DynamoDBClient({ endpoint: gateway.url, region: 'us-east-1', credentials, maxAttempts: 1 });
}

async function stop(): Promise<void> {
  await gateway.stop();
  await dynamo.stop();
}

async function restart(table?: TableProperties): Promise<void> {
  await stop();
  await start(table);
}

beforeEach(async () => {
  clock = Date.UTC(2025, 0, 1);
  dataDir = await mkdtemp(join(tmpdir(), 'dynamodb-'));
  await start();
});

afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true });
});

const key = (requestId: string) => ({ requestId: { S: requestId } });

function put(requestId: string, attributes: Record<string, { S: string } | { N: string }> = {}) {
  return client.send(new PutItemCommand({ TableName, Item: { ...key(requestId), ...attributes } }));
}

function setStatus(requestId: string, status: string) {
  const UpdateExpression = 'SET #status = :status';
  const ExpressionAttributeNames = { '#status': 'status' };
  const ExpressionAttributeValues = { ':status': { S: status } };
  const input = {
    TableName,
    Key: key(requestId),
    UpdateExpression,
    ExpressionAttributeNames,
    ExpressionAttributeValues,
  };
  return client.send(new UpdateItemCommand(input));
}

const remove = (requestId: string) => client.send(new DeleteItemCommand({ TableName, Key: key(requestId) }));
const records = (after = 'TRIM_HORIZON', limit = 1000) => dynamo.stream(TableName).read(after, limit);
const names = async () => (await records()).map(({ eventName }) => eventName);

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
describe('the stream', () => {
  test('has one record for each change, with keys, both images, and all a function needs to know', async () => {
    await put('a');
    await setStatus('a', 'PENDING');
    await remove('a');
    const [insert, modify, removal] = await records();
    const New = { ...key('a'), status: { S: 'PENDING' } };
    expect(insert).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: `${TABLE_ARN}/stream/2024-01-01T00:00:00.000`,
      dynamodb: {
        ApproximateCreationDateTime: clock / 1000,
        Keys: key('a'),
        NewImage: key('a'),
        SequenceNumber: expect.stringMatching(/^\d{21}$/),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(modify).toMatchObject({
      eventName: 'MODIFY',
      dynamodb: { Keys: key('a'), OldImage: key('a'), NewImage: New },
    });
    expect(removal).toMatchObject({ eventName: 'REMOVE', dynamodb: { Keys: key('a'), OldImage: New } });
    expect(removal?.dynamodb).not.toHaveProperty('NewImage');
    expect(removal).not.toHaveProperty('userIdentity');
  });

  test('has no record of a write that changes nothing or is refused', async () => {
    await put('a', { status: { S: 'PENDING' } });
    await put('a', { status: { S: 'PENDING' } });
    await setStatus('a', 'PENDING');
    await remove('nobody');
    const Item = key('a');
    const refused = new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(requestId)' });
    await expect(client.send(refused)).rejects.toThrow('conditional request failed');
    expect(await names()).toEqual(['INSERT']);
  });

  test('keeps the order of an item’s changes, each new image the next one’s old image', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, i) => setStatus('a', String(i))));
    const all = await records();
    expect(all).toHaveLength(30);
    all.reduce((before, record) => {
      expect(record.dynamodb?.OldImage).toEqual(before.dynamodb?.NewImage);
      expect(record.dynamodb!.SequenceNumber! > before.dynamodb!.SequenceNumber!).toBe(true);
      return record;
    });
    const item = await client.send(new GetItemCommand({ TableName, Key: key('a') }));
    expect(all.at(-1)?.dynamodb?.NewImage).toEqual(item.Item);
  });

  test.each([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
  ])('with the view %s carries %j', async (StreamViewType, images) => {
    await restart({ ...TABLE, StreamSpecification: { StreamViewType } });
    await put('a');
    await setStatus('a', 'PENDING');
    const { dynamodb = {} } = (await records())[1] ?? {};
    expect(
      Object.keys(dynamodb)
        .filter((name) => name.endsWith('Image'))
        .sort(),
    ).toEqual(images);
    expect(dynamodb).toMatchObject({ Keys: key('a'), StreamViewType });
  });

  test('is read on from a sequence number, as many records as asked for', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await put(id);
    const first = await records('TRIM_HORIZON', 2);
    const rest = await records(first[1]!.dynamodb!.SequenceNumber);
    expect([...first, ...rest].map(({ dynamodb }) => dynamodb?.Keys?.requestId?.S)).toEqual(['a', 'b', 'c', 'd']);
    expect(await records(dynamo.stream(TableName).latest())).toEqual([]);
  });

  test('wakes its listeners when the record can be read', async () => {
    const read = Promise.withResolvers<unknown[]>();
    const end = dynamo.stream(TableName).onRecord(() => void names().then(read.resolve));
    await put('a');
    expect(await read.promise).toEqual(['INSERT']);
    end();
  });

  test('survives a restart: records, checkpoints, and numbers that go on growing though the clock went back', async () => {
    await put('a');
    const [{ dynamodb } = {}] = await records();
    await dynamo.stream(TableName).saveCheckpoint('publisher', dynamodb!.SequenceNumber!);
    clock -= 3_600_000;
    await restart();
    expect(await dynamo.stream(TableName).checkpoint('publisher')).toBe(dynamodb?.SequenceNumber);
    expect(await dynamo.stream(TableName).checkpoint('nobody')).toBeUndefined();
    expect(await records()).toEqual([]);
    await put('b');
    expect(await records(dynamodb?.SequenceNumber)).toHaveLength(1);
  });

  test('is trimmed of what every consumer has passed', async () => {
    for (const id of ['a', 'b', 'c']) await put(id);
    const numbers = (await records()).map(({ dynamodb }) => dynamodb!.SequenceNumber!);
    await dynamo.stream(TableName).saveCheckpoint('slow', numbers[0]!);
    await dynamo.stream(TableName).saveCheckpoint('fast', numbers[2]!);
    expect(await records()).toHaveLength(2);
    await dynamo.stream(TableName).saveCheckpoint('slow', numbers[1]!);
    expect(await records()).toHaveLength(1);
  });

  test('is trimmed of what is older than 24 hours', async () => {
    await put('a');
    clock += 23 * 3_600_000;
    await put('b');
    clock += 2 * 3_600_000;
    await dynamo.sweepExpired();
    expect((await records()).map(({ dynamodb }) => dynamodb?.Keys?.requestId?.S)).toEqual(['b']);
  });

  test('is there only for a table that has one', async () => {
    await dynamo.createTable({ ...TABLE, TableName: 'Quiet', StreamSpecification: undefined });
    expect(() => dynamo.stream('Quiet')).toThrow('no table Quiet with a stream');
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
describe('TTL', () => {
  const seconds = () => clock / 1000;

  test('deletes the items whose time has passed, as the service, and no others', async () => {
    await put('past', { expiresAt: { N: String(seconds() - 1) } });
    await put('now', { expiresAt: { N: String(seconds()) } });
    await put('text', { expiresAt: { S: '1' } });
    await put('never');
    await put('sixYearsAgo', { expiresAt: { N: String(seconds() - 6 * 366 * 86_400) } });
    expect(await dynamo.sweepExpired()).toBe(1);
    const { Items } = await client.send(new ScanCommand({ TableName }));
    expect(Items?.map(({ requestId }) => requestId?.S).sort()).toEqual(['never', 'now', 'sixYearsAgo', 'text']);
    const removal = (await records()).at(-1);
    const userIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
    expect(removal).toMatchObject({ eventName: 'REMOVE', userIdentity, dynamodb: { Keys: key('past') } });
  });

  test('goes by the item’s last value, and takes it out of the indexes too', async () => {
    await restart({ ...TABLE, ...BY_OWNER });
    await put('a', { owner: { S: 'o' }, expiresAt: { N: String(seconds() + 5) } });
    await put('a', { owner: { S: 'o' }, expiresAt: { N: String(seconds() + 50) } });
    clock += 10_000;
    expect(await dynamo.sweepExpired()).toBe(0);
    clock += 50_000;
    expect(await dynamo.sweepExpired()).toBe(1);
    expect(await byOwner('o')).toEqual([]);
  });

  test('sweeps by itself', async () => {
    await stop();
    await start(TABLE, { sweepEveryMs: 5 });
    const swept = Promise.withResolvers<void>();
    await put('past', { expiresAt: { N: String(seconds() - 1) } });
    dynamo.stream(TableName).onRecord(swept.resolve);
    if ((await names()).length < 2) await swept.promise;
    expect(await names()).toEqual(['INSERT', 'REMOVE']);
  });

  test('set on a table that has items holds for them', async () => {
    await restart({ ...TABLE, TimeToLiveSpecification: undefined });
    await put('past', { expiresAt: { N: String(seconds() - 1) } });
    expect(await dynamo.sweepExpired()).toBe(0);
    await restart();
    expect(await dynamo.sweepExpired()).toBe(1);
  });
});

async function byOwner(owner: string) {
  const KeyConditionExpression = '#owner = :owner';
  const ExpressionAttributeNames = { '#owner': 'owner' };
  const ExpressionAttributeValues = { ':owner': { S: owner } };
  const query = { TableName, IndexName: 'byOwner', KeyConditionExpression };
  return (await client.send(new QueryCommand({ ...query, ExpressionAttributeNames, ExpressionAttributeValues }))).Items;
}

describe('tables', () => {
  test('keep their items and stream over a restart, and have the same ARNs', async () => {
    await put('a');
    await restart();
    expect((await client.send(new GetItemCommand({ TableName, Key: key('a') }))).Item).toEqual(key('a'));
    expect(await names()).toEqual(['INSERT']);
    const streamArn = `${TABLE_ARN}/stream/2024-01-01T00:00:00.000`;
    expect(await dynamo.createTable(TABLE)).toEqual({ arn: TABLE_ARN, streamArn });
  });

  test('made again in the same run keep who listens to their stream, and index what is written meanwhile', async () => {
    const woken = Promise.withResolvers<void>();
    dynamo.stream(TableName).onRecord(woken.resolve);
    const writes = Array.from({ length: 20 }, (_, i) => put(String(i), { owner: { S: 'o' } }));
    await dynamo.createTable({ ...TABLE, ...BY_OWNER });
    await Promise.all(writes);
    expect(await byOwner('o')).toHaveLength(20);
    expect(await records()).toHaveLength(20);
    await woken.promise;
  });

  test('get a new index filled from their items, and drop one that is gone', async () => {
    await put('a', { owner: { S: 'o' } });
    await restart({ ...TABLE, ...BY_OWNER });
    expect(await byOwner('o')).toHaveLength(1);
    await restart();
    await expect(byOwner('o')).rejects.toThrow('does not have the specified index');
    await remove('a');
    await restart({ ...TABLE, ...BY_OWNER });
    expect(await byOwner('o')).toEqual([]);
  });

  test('refuse another primary key than their data has', async () => {
    const KeySchema = [{ AttributeName: 'owner', KeyType: 'HASH' }];
    const AttributeDefinitions = [{ AttributeName: 'owner', AttributeType: 'S' }];
    const changed = dynamo.createTable({ ...TABLE, KeySchema, AttributeDefinitions });
    await expect(changed).rejects.toThrow(`delete the data directory ${dataDir}`);
  });

  test('refuse a property that is not emulated, by name', async () => {
    await expect(dynamo.createTable({ ...TABLE, ImportSourceSpecification: {} })).rejects.toThrow(
      'ImportSourceSpecification',
    );
    const LocalSecondaryIndexes = BY_OWNER.GlobalSecondaryIndexes;
    await expect(dynamo.createTable({ ...TABLE, LocalSecondaryIndexes })).rejects.toThrow('LocalSecondaryIndexes');
  });

  test('take the properties that change nothing here', async () => {
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await dynamo.createTable({ ...TABLE, PointInTimeRecoverySpecification, DeletionProtectionEnabled: true, Tags: [] });
  });

  test('refuse definitions DynamoDB would refuse', async () => {
    const AttributeDefinitions = BY_OWNER.AttributeDefinitions;
    await expect(dynamo.createTable({ ...TABLE, AttributeDefinitions })).rejects.toThrow('attributes');
  });

  test('refuse to be opened by two runs at once', async () => {
    await expect(startDynamoDb({ dataDir })).rejects.toThrow('does another run use it?');
  });
});

describe('what is not emulated is refused by name', () => {
  test('transactions and other operations', async () => {
    const TransactItems = [{ Delete: { TableName, Key: key('a') } }];
    const transaction = client.send(new TransactWriteItemsCommand({ TransactItems }));
    await expect(transaction).rejects.toThrow('does not emulate TransactWriteItems');
    await expect(client.send(new DescribeTableCommand({ TableName }))).rejects.toThrow(
      'does not emulate DescribeTable',
    );
  });

  test('parameters', async () => {
    const headers = {
      authorization: `AWS4-HMAC-SHA256 Credential=${ADMIN_ACCESS_KEY}/20250101/us-east-1/dynamodb/aws4_request`,
      'x-amz-target': 'DynamoDB_20120810.GetItem',
    };
    const body = JSON.stringify({ TableName, Key: key('a'), Snapshot: 'yesterday' });
    const response = await fetch(gateway.url, { method: 'POST', headers, body });
    expect(await response.json()).toMatchObject({ message: 'Snapshot of GetItem is not emulated' });
  });
});

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
describe('grants', () => {
  test('a query of an index needs the grant on the index, a batch on each table, a scan its own', async () => {
    await restart({ ...TABLE, ...BY_OWNER });
    client = clientOf(`${ACCESS_KEY_PREFIX}ReaderRole`);
    expect(await byOwner('o')).toEqual([]);
    const RequestItems = { [TableName]: { Keys: [key('a')] } };
    for (const command of [new BatchGetItemCommand({ RequestItems }), new ScanCommand({ TableName })]) {
      const name = 'AccessDeniedException';
      await expect(client.send(command as ScanCommand)).rejects.toMatchObject({ name });
    }
  });
});

test('after kill -9 rows and stream records agree, and what was acknowledged is there', async () => {
  await restart({ ...TABLE, ...BY_OWNER });
  await stop();
  const acknowledged = await writeUntilKilled();
  await start({ ...TABLE, ...BY_OWNER });
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  const all = await records();
  expect(acknowledged).toBeGreaterThanOrEqual(300);
  expect(Items.length).toBeGreaterThanOrEqual(acknowledged);
  const lastImages = new Map(all.map(({ dynamodb }) => [dynamodb?.Keys?.requestId?.S, dynamodb?.NewImage]));
  expect(lastImages.size).toBe(Items.length);
  for (const item of Items) expect(lastImages.get(item.requestId?.S)).toEqual(item);
  const numbers = all.map(({ dynamodb }) => dynamodb!.SequenceNumber!);
  expect(numbers).toEqual([...new Set(numbers)].sort());
  expect(await byOwner('o')).toHaveLength(Items.length);
}, 30_000);

/** Rows written by another process, over the engine itself, eight at a time, until it is killed. Answers how many it heard of. */
async function writeUntilKilled(): Promise<number> {
  const engine = new URL('./startDynamoDb.ts', import.meta.url);
  const table = JSON.stringify({ ...TABLE, ...BY_OWNER });
  const program = `
    const { startDynamoDb } = await import(${JSON.stringify(engine)});
    const dynamo = await startDynamoDb({ dataDir: ${JSON.stringify(dataDir)} });
    await dynamo.createTable(${table});
    const headers = { 'x-amz-target': 'DynamoDB_20120810.PutItem' };
    let row = 0;
    async function write() {
      for (;;) {
        const Item = { requestId: { S: String(row++) }, owner: { S: 'o' } };
        const body = Buffer.from(JSON.stringify({ TableName: '${TableName}', Item }));
        const { status } = await dynamo.engine.handle({ service: 'dynamodb', method: 'POST', headers, body });
        if (status === 200) process.stdout.write('.');
      }
    }
    for (let i = 0; i < 8; i += 1) write();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = 0;
  child.stdout.on('data', (dots: Buffer) => {
    acknowledged += dots.length;
    if (acknowledged >= 300) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return acknowledged;
}
