/** What DynamoDB documents, through the SDK alone. With TARGET=aws it runs on the real service, in the account at hand. */
import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_ACCESS_KEY, SECRET_ACCESS_KEY } from '../engine.ts';
import { startGateway } from '../gateway/startGateway.ts';
import { startDynamoDb } from './startDynamoDb.ts';

type Item = Record<string, AttributeValue>;

const SHAPE = {
  TableName: `contract-${randomUUID()}`,
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'requestId', KeyType: 'HASH' }],
  AttributeDefinitions: ['requestId', 'owner', 'submittedAt', 'dueBucket', 'dueAt'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S' as const,
  })),
  GlobalSecondaryIndexes: [
    { IndexName: 'byOwner', KeySchema: range('owner', 'submittedAt'), Projection: { ProjectionType: 'ALL' } },
    { IndexName: 'due', KeySchema: range('dueBucket', 'dueAt'), Projection: { ProjectionType: 'KEYS_ONLY' } },
  ],
} satisfies CreateTableCommandInput;
const { TableName } = SHAPE;

function range(hash: string, sort: string) {
  return [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
}

let client: DynamoDBClient;
let stop: () => Promise<void>;

async function startLocalTarget(): Promise<void> {
  const dynamo = await startDynamoDb();
  await dynamo.createTable(SHAPE);
  const gateway = await startGateway({ engines: [dynamo.engine], authorize: () => true, log: () => undefined });
  const credentials = { accessKeyId: ADMIN_ACCESS_KEY, secretAccessKey: SECRET_ACCESS_KEY };
  client = new DynamoDBClient({ endpoint: gateway.url, region: 'us-east-1', credentials });
  stop = async () => {
    await gateway.stop();
    await dynamo.stop();
  };
}

async function startAwsTarget(): Promise<void> {
  client = new DynamoDBClient();
  await client.send(new CreateTableCommand(SHAPE));
  await waitUntilTableExists({ client, maxWaitTime: 120 }, { TableName });
  stop = async () => {
    await client.send(new DeleteTableCommand({ TableName }));
  };
}

beforeAll(() => (process.env.TARGET === 'aws' ? startAwsTarget() : startLocalTarget()), 130_000);
afterAll(() => stop());

async function get(requestId: string): Promise<Item | undefined> {
  const Key = { requestId: { S: requestId } };
  return (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
}

async function put(attributes: Item = {}): Promise<string> {
  const requestId = randomUUID();
  await client.send(new PutItemCommand({ TableName, Item: { requestId: { S: requestId }, ...attributes } }));
  return requestId;
}

function update(requestId: string, UpdateExpression: string, values: Item, more?: Partial<UpdateItemCommandInput>) {
  const Key = { requestId: { S: requestId } };
  const input = { TableName, Key, UpdateExpression, ExpressionAttributeValues: values, ...more };
  return client.send(new UpdateItemCommand(input));
}

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
describe('items', () => {
  test('every attribute type comes back as it was put', async () => {
    const attributes: Item = {
      text: { S: 'é' },
      number: { N: '0.1234567890123456789' },
      bytes: { B: new Uint8Array([0, 255]) },
      yes: { BOOL: true },
      nothing: { NULL: true },
      list: { L: [{ N: '1' }, { M: { deep: { L: [] } } }] },
      set: { SS: ['a', 'b'] },
    };
    const requestId = await put(attributes);
    expect(await get(requestId)).toEqual({ requestId: { S: requestId }, ...attributes });
  });

  test('a put replaces the whole item', async () => {
    const requestId = await put({ a: { N: '1' } });
    await client.send(new PutItemCommand({ TableName, Item: { requestId: { S: requestId }, b: { N: '2' } } }));
    expect(await get(requestId)).toEqual({ requestId: { S: requestId }, b: { N: '2' } });
  });

  test('an update makes the item if it is not there, and can add, append, keep and remove', async () => {
    const requestId = randomUUID();
    const append = 'SET timeline = list_append(if_not_exists(timeline, :none), :entry) ADD version :one REMOVE lease';
    const values = { ':none': { L: [] }, ':entry': { L: [{ S: 'PENDING' }] }, ':one': { N: '1' } };
    await update(requestId, append, values);
    const { Attributes } = await update(requestId, append, values, { ReturnValues: 'ALL_NEW' });
    const timeline = { L: [{ S: 'PENDING' }, { S: 'PENDING' }] };
    expect(Attributes).toEqual({ requestId: { S: requestId }, version: { N: '2' }, timeline });
    expect(await get(requestId)).toEqual(Attributes);
  });

  test('deleting answers the old item if asked to, and deleting what is not there is no error', async () => {
    const requestId = await put({ a: { N: '1' } });
    const remove = new DeleteItemCommand({ TableName, Key: { requestId: { S: requestId } }, ReturnValues: 'ALL_OLD' });
    expect((await client.send(remove)).Attributes).toEqual({ requestId: { S: requestId }, a: { N: '1' } });
    expect((await client.send(remove)).Attributes).toBeUndefined();
    expect(await get(requestId)).toBeUndefined();
  });

  test('an item above 400 KB is refused', async () => {
    await expect(put({ blob: { S: 'x'.repeat(409_600) } })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('of writes at the same time each counts', async () => {
    const requestId = await put();
    await Promise.all(Array.from({ length: 20 }, () => update(requestId, 'ADD version :one', { ':one': { N: '1' } })));
    expect((await get(requestId))?.version).toEqual({ N: '20' });
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
describe('conditions', () => {
  const names = { '#status': 'status' };
  const conditional = { ConditionExpression: '#status = :from', ExpressionAttributeNames: names };
  const values = { ':from': { S: 'PENDING' }, ':to': { S: 'PROCESSING' } };

  test('a write whose condition does not hold changes nothing and says so', async () => {
    const requestId = await put({ status: { S: 'CANCELLED' } });
    const updated = update(requestId, 'SET #status = :to', values, conditional);
    await expect(updated).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: undefined });
    expect((await get(requestId))?.status).toEqual({ S: 'CANCELLED' });
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html ReturnValuesOnConditionCheckFailure
  test('with ALL_OLD the refusal carries the item as it was at the check', async () => {
    const requestId = await put({ status: { S: 'CANCELLED' } });
    const asked = { ...conditional, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
    const error = await update(requestId, 'SET #status = :to', values, asked).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ Item: { requestId: { S: requestId }, status: { S: 'CANCELLED' } } });
    const Item = { requestId: { S: requestId } };
    const create = { TableName, Item, ConditionExpression: 'attribute_not_exists(requestId)' };
    const putAgain = client.send(new PutItemCommand({ ...create, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }));
    await expect(putAgain).rejects.toMatchObject({ Item: { status: { S: 'CANCELLED' } } });
  });

  test('with ALL_OLD and no item there the refusal carries none', async () => {
    const asked = { ...conditional, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
    const updated = update(randomUUID(), 'SET #status = :to', values, asked);
    await expect(updated).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: undefined });
  });

  test('of many writers with the same condition one wins', async () => {
    const requestId = await put({ status: { S: 'PENDING' } });
    const writers = Array.from({ length: 10 }, () => update(requestId, 'SET #status = :to', values, conditional));
    const outcomes = await Promise.allSettled(writers);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
describe('queries', () => {
  const byOwner = (owner: string, more?: Partial<QueryCommandInput>) =>
    client.send(
      new QueryCommand({
        TableName,
        IndexName: 'byOwner',
        KeyConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': { S: owner } },
        ...more,
      }),
    );

  test('an index gives its items in the order of its sort key, backwards if asked to, page by page', async () => {
    const owner = randomUUID();
    for (const day of ['2', '3', '1']) await put({ owner: { S: owner }, submittedAt: { S: day } });
    const days = (items: Item[] | undefined) => items?.map(({ submittedAt }) => submittedAt?.S);
    await expect.poll(async () => days((await byOwner(owner)).Items)).toEqual(['1', '2', '3']);
    const first = await byOwner(owner, { ScanIndexForward: false, Limit: 2 });
    expect(days(first.Items)).toEqual(['3', '2']);
    expect(Object.keys(first.LastEvaluatedKey ?? {}).sort()).toEqual(['owner', 'requestId', 'submittedAt']);
    const ExclusiveStartKey = first.LastEvaluatedKey;
    const second = await byOwner(owner, { ScanIndexForward: false, Limit: 2, ExclusiveStartKey });
    expect(days(second.Items)).toEqual(['1']);
    expect(second.LastEvaluatedKey).toBeUndefined();
  });

  test('a sparse index holds only items that have its keys, and of them only what it projects', async () => {
    const bucket = { S: randomUUID() };
    const due = (before: string) =>
      client.send(
        new QueryCommand({
          TableName,
          IndexName: 'due',
          KeyConditionExpression: 'dueBucket = :bucket AND dueAt <= :before',
          ExpressionAttributeValues: { ':bucket': bucket, ':before': { S: before } },
        }),
      );
    const requestId = await put({ dueBucket: bucket, dueAt: { S: '2025-01-02' }, status: { S: 'PENDING' } });
    await put({ dueBucket: bucket, status: { S: 'PENDING' } });
    const entry = { requestId: { S: requestId }, dueBucket: bucket, dueAt: { S: '2025-01-02' } };
    await expect.poll(async () => (await due('2025-01-02')).Items).toEqual([entry]);
    expect((await due('2025-01-01')).Items).toEqual([]);
    await update(requestId, 'SET dueAt = :at', { ':at': { S: '2025-01-03' } });
    await expect
      .poll(async () => (await due('2025-01-09')).Items?.map(({ dueAt }) => dueAt?.S))
      .toEqual(['2025-01-03']);
    const Key = { requestId: { S: requestId } };
    await client.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: 'REMOVE dueBucket, dueAt' }));
    await expect.poll(async () => (await due('2025-01-09')).Items).toEqual([]);
  });

  test('an index cannot be read consistently', async () => {
    const asked = byOwner('x', { ConsistentRead: true });
    await expect(asked).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('batches', () => {
  test('write and read many items at once', async () => {
    const ids = Array.from({ length: 25 }, () => ({ requestId: { S: randomUUID() } }));
    const puts = ids.map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }));
    const read = new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: ids, ConsistentRead: true } } });
    expect((await client.send(read)).Responses?.[TableName]).toHaveLength(25);
    const deletes = ids.map((Key) => ({ DeleteRequest: { Key } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: deletes } }));
    expect((await client.send(read)).Responses?.[TableName]).toEqual([]);
  });
});

test('a table that is not there answers ResourceNotFoundException', async () => {
  const asked = client.send(new GetItemCommand({ TableName: 'nowhere', Key: { requestId: { S: '1' } } }));
  await expect(asked).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
