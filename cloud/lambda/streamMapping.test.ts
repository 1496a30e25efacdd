import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type DynamoDb, startDynamoDb } from '../dynamodb/startDynamoDb.ts';
import { ADMIN_ACCESS_KEY, REGION, SECRET_ACCESS_KEY } from '../engine.ts';
import { startGateway } from '../gateway/startGateway.ts';
import { compileFilter } from './filterCriteria.ts';
import type { LambdaFunction } from './function.ts';
import type { InvocationResult } from './sandbox.ts';
import { startStreamMapping, streamMappingProperties } from './streamMapping.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Event {
  Records: { eventName: string; dynamodb: { SequenceNumber: string; Keys: { id: { S: string } } } }[];
}

const ids = ({ Records }: Event) => Records.map(({ dynamodb }) => dynamodb.Keys.id.S);
const fails = (errorMessage = 'no'): InvocationResult => ({ error: { errorType: 'Error', errorMessage } });

/** Stands for the process of a function; what that does has tests of its own. */
function functionThat(answer: (event: Event, call: number) => InvocationResult | Promise<InvocationResult>) {
  const events: Event[] = [];
  const lambda: LambdaFunction = {
    name: 'publisher',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:publisher',
    concurrency: 1,
    timeoutSeconds: 1,
    async invoke(event: unknown) {
      const seen = structuredClone(event) as Event;
      events.push(seen);
      return answer(seen, events.length);
    },
    kill: async () => {},
    pids: () => [],
    retire: async () => {},
    stop: async () => {},
  };
  return { lambda, events, delivered: () => events.map(ids) };
}

async function tableIn(dataDir?: string) {
  const dynamoDb = await startDynamoDb({ dataDir });
  const gateway = await startGateway({ engines: [dynamoDb.engine], authorize: () => true, log: () => {} });
  const credentials = { accessKeyId: ADMIN_ACCESS_KEY, secretAccessKey: SECRET_ACCESS_KEY };
  const client = new DynamoDBClient({ endpoint: gateway.url, region: REGION, credentials });
  const stop = async () => {
    client.destroy();
    await gateway.stop();
    await dynamoDb.stop();
  };
  cleanups.push(stop);
  const { streamArn = '' } = await dynamoDb.createTable({
    TableName: 'Requests',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  return {
    dynamoDb,
    streamArn,
    put: async (...names: string[]) => {
      for (const S of names)
        await client.send(new PutItemCommand({ TableName: 'Requests', Item: { id: { S }, status: { S: 'PENDING' } } }));
    },
    remove: (S: string) => client.send(new DeleteItemCommand({ TableName: 'Requests', Key: { id: { S } } })),
    stop: () => cleanups.splice(cleanups.indexOf(stop), 1)[0]?.(),
  };
}

async function mapping(
  table: { dynamoDb: DynamoDb; streamArn: string },
  lambda: LambdaFunction,
  {
    MaximumRecordAgeInSeconds = -1,
    ...properties
  }: { MaximumRecordAgeInSeconds?: number; [name: string]: unknown } = {},
) {
  const parked: object[] = [];
  const started = await startStreamMapping({
    properties: {
      ...streamMappingProperties.parse({
        EventSourceArn: table.streamArn,
        FunctionName: lambda.name,
        StartingPosition: 'LATEST',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ...properties,
      }),
      // Not parsed: Lambda takes no less than a minute, and nobody waits so long here.
      MaximumRecordAgeInSeconds,
    },
    function: lambda,
    reader: table.dynamoDb.stream('Requests'),
    consumer: 'PublisherMapping',
    sendToFailureDestination: async (document) => void parked.push(document),
    onError: () => {},
  });
  const stop = () => started.stop();
  cleanups.push(stop);
  return { parked, stop: () => cleanups.splice(cleanups.indexOf(stop), 1)[0]?.() };
}

describe('a stream mapped to a function', () => {
  test('hands over each change in order, in the event shape of DynamoDB', async () => {
    const { lambda, events } = functionThat(() => ({ payload: null }));
    const table = await tableIn();
    await mapping(table, lambda);
    await table.put('a', 'b');
    await table.remove('a');
    await vi.waitFor(() => expect(events.flatMap(ids)).toEqual(['a', 'b', 'a']));
    expect(events.flatMap(({ Records }) => Records).map(({ eventName }) => eventName)).toEqual([
      'INSERT',
      'INSERT',
      'REMOVE',
    ]);
    expect(events[0]?.Records[0]).toMatchObject({
      eventID: expect.any(String),
      eventSource: 'aws:dynamodb',
      eventSourceARN: table.streamArn,
      awsRegion: 'us-east-1',
      dynamodb: {
        Keys: { id: { S: 'a' } },
        NewImage: { status: { S: 'PENDING' } },
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
  });

  test('gathers what came meanwhile into batches no larger than BatchSize', async () => {
    const gate = Promise.withResolvers<InvocationResult>();
    const { lambda, delivered } = functionThat((_event, call) => (call === 1 ? gate.promise : { payload: null }));
    const table = await tableIn();
    await mapping(table, lambda, { BatchSize: 3 });
    await table.put('a', 'b', 'c', 'd', 'e');
    gate.resolve({ payload: null });
    await vi.waitFor(() => expect(delivered()).toEqual([['a'], ['b', 'c', 'd'], ['e']]));
  });

  test('passes on only what the filter lets through', async () => {
    const { lambda, delivered } = functionThat(() => ({ payload: null }));
    const table = await tableIn();
    const Pattern = '{"eventName":["INSERT","MODIFY"],"dynamodb":{"NewImage":{"status":{"S":[{"exists":true}]}}}}';
    await mapping(table, lambda, { FilterCriteria: { Filters: [{ Pattern }] } });
    await table.put('a');
    await table.remove('a');
    await table.put('b');
    await vi.waitFor(() => expect(delivered()).toEqual([['a'], ['b']]));
  });

  test('goes on where it stopped after a restart, and repeats what was not through', async () => {
    const home = mkdtempSync(join(tmpdir(), 'stream-'));
    cleanups.push(() => rmSync(home, { recursive: true }));
    const first = functionThat(({ Records }) => (ids({ Records }).includes('b') ? fails() : { payload: null }));
    const before = await tableIn(home);
    const { stop } = await mapping(before, first.lambda, { BatchSize: 1 });
    await before.put('a', 'b');
    await vi.waitFor(() => expect(first.delivered().length).toBeGreaterThan(2));
    await stop();
    await before.put('c');
    await before.stop();

    const second = functionThat(() => ({ payload: null }));
    await mapping(await tableIn(home), second.lambda);
    await vi.waitFor(() => expect(second.delivered()).toEqual([['b', 'c']]));
  });

  test('at LATEST leaves out what was written before the mapping was made, also if that never got a record', async () => {
    const { lambda, delivered } = functionThat(() => ({ payload: null }));
    const table = await tableIn();
    await table.put('old');
    await (await mapping(table, lambda)).stop();
    await table.put('between');
    await mapping(table, lambda);
    await vi.waitFor(() => expect(delivered()).toEqual([['between']]));
  });

  test('at TRIM_HORIZON begins with the oldest record', async () => {
    const { lambda, delivered } = functionThat(() => ({ payload: null }));
    const table = await tableIn();
    await table.put('old');
    await mapping(table, lambda, { StartingPosition: 'TRIM_HORIZON' });
    await vi.waitFor(() => expect(delivered()).toEqual([['old']]));
  });
});

describe('a batch that fails', () => {
  const atOnce = async (lambda: LambdaFunction, properties: object) => {
    const table = await tableIn();
    await table.put('a', 'b', 'c', 'd');
    return mapping(table, lambda, { StartingPosition: 'TRIM_HORIZON', ...properties });
  };

  test('is retried from the lowest sequence number reported', async () => {
    const { lambda, delivered } = functionThat(({ Records }, call) => ({
      payload: {
        batchItemFailures:
          call > 1 ? [] : [Records[3], Records[2]].map((r) => ({ itemIdentifier: r?.dynamodb.SequenceNumber })),
      },
    }));
    await atOnce(lambda, {});
    await vi.waitFor(() =>
      expect(delivered()).toEqual([
        ['a', 'b', 'c', 'd'],
        ['c', 'd'],
      ]),
    );
  });

  test('is bisected down to the record that fails, which is given up after its attempts; the others get through', async () => {
    const { lambda, delivered } = functionThat((event) => (ids(event).includes('b') ? fails() : { payload: null }));
    const { parked } = await atOnce(lambda, {
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:failures' } },
    });
    await vi.waitFor(() =>
      expect(delivered()).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['a'], ['b'], ['b'], ['c', 'd']]),
    );
    expect(parked).toEqual([
      {
        requestContext: expect.objectContaining({
          functionArn: lambda.arn,
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 2,
        }),
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: expect.stringMatching(/Z$/),
        DDBStreamBatchInfo: expect.objectContaining({
          batchSize: 1,
          startSequenceNumber: expect.stringMatching(/^\d+$/),
          approximateArrivalOfFirstRecord: expect.stringMatching(/^\d{4}-/),
        }),
      },
    ]);
  });

  test('without bisecting is given up as a whole', async () => {
    const { lambda, delivered } = functionThat((_event, call) => (call <= 2 ? fails() : { payload: null }));
    const { parked } = await atOnce(lambda, {
      BatchSize: 2,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: 'q' } },
    });
    await vi.waitFor(() =>
      expect(delivered()).toEqual([
        ['a', 'b'],
        ['a', 'b'],
        ['c', 'd'],
      ]),
    );
    expect(parked).toMatchObject([{ DDBStreamBatchInfo: { batchSize: 2 } }]);
  });

  test('is given up once its records are too old', async () => {
    const { lambda, delivered } = functionThat(() => fails());
    const { parked } = await atOnce(lambda, {
      // The stream tells whole seconds, so that of these two up to one may have passed before.
      MaximumRecordAgeInSeconds: 2,
      DestinationConfig: { OnFailure: { Destination: 'q' } },
    });
    await vi.waitFor(
      () => expect(parked).toMatchObject([{ requestContext: { condition: 'RecordAgeExceeded' } }]),
      5000,
    );
    expect(delivered().length).toBeGreaterThan(1);
  });
});

describe('a filter', () => {
  test('matches exact values, existence, and all fields of a nested pattern', () => {
    const matches = compileFilter({ kind: ['a', 1, null], deep: { x: [{ exists: true }], y: [{ exists: false }] } });
    expect(matches({ kind: 'a', deep: { x: 0 } })).toBe(true);
    expect(matches({ kind: 1, deep: { x: null } })).toBe(true);
    expect(matches({ kind: '1', deep: { x: 0 } })).toBe(false);
    expect(matches({ kind: null, deep: { x: 0, y: 0 } })).toBe(false);
    expect(matches({ kind: 'a' })).toBe(false);
  });

  test.each([
    [{ a: [{ prefix: 'x' }] }, '{"prefix":"x"} is not emulated'],
    [{ $or: [{}] }, '$or is not emulated'],
    [{ a: 'x' }, '"x" must stand in a list'],
  ])('%j is refused by name', (pattern, message) => {
    expect(() => compileFilter(pattern)).toThrow(message);
  });
});
