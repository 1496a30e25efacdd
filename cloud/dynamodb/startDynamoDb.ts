import { crc32 } from 'node:zlib';
import { type AwsAnswer, type AwsCall, type AwsEngine, arn } from '../engine.ts';
import { type ApiError, checkInput, type Item, runAction } from './dynalite.ts';
import type { StreamReader } from './streamLog.ts';
import { openTableStore, type TableProperties } from './tableStore.ts';

export interface DynamoDbOptions {
  /** Directory of the data; without it they are in memory. */
  dataDir?: string;
  /** Epoch milliseconds. */
  now?: () => number;
  /** Milliseconds between two looks for expired items. */
  sweepEveryMs?: number;
}

export interface DynamoDb {
  engine: AwsEngine;
  /** Keeps the data of a table that is there. Throws if its primary key changed, or naming what is not emulated. */
  createTable(properties: TableProperties): Promise<{ arn: string; streamArn: string | undefined }>;
  stream(tableName: string): StreamReader;
  /** Deletes the items past their TTL; answers how many. */
  sweepExpired(): Promise<number>;
  stop(): Promise<void>;
}

const CONDITIONAL_WRITES = ['PutItem', 'UpdateItem', 'DeleteItem'];
const OPERATIONS = [...CONDITIONAL_WRITES, 'GetItem', 'BatchGetItem', 'BatchWriteItem', 'Query', 'Scan'];

/** dynalite with what it lacks: Streams, TTL, `ReturnValuesOnConditionCheckFailure`. No transactions. */
export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<DynamoDb> {
  const store = await openTableStore(options.dataDir, options.now ?? Date.now);
  let sweeping = Promise.resolve(0);
  function sweepExpired(): Promise<number> {
    sweeping = sweeping.then(() => store.sweepExpired());
    return sweeping;
  }
  const timer = setInterval(sweepExpired, options.sweepEveryMs ?? 1000).unref();

  async function handle(call: AwsCall): Promise<AwsAnswer> {
    const operation = operationOf(call);
    if (!OPERATIONS.includes(operation)) {
      return errorAnswer(400, 'UnknownOperationException', `The embedded DynamoDB does not emulate ${operation}`);
    }
    const input = inputOf(call);
    const onFailure = CONDITIONAL_WRITES.includes(operation) && input.ReturnValuesOnConditionCheckFailure;
    if (onFailure) delete input.ReturnValuesOnConditionCheckFailure;
    const seen: { item?: Item } = {};
    try {
      const view = store.storeOfCall(seen);
      return answer(200, (await runAction(operation, checkInput(operation, input, view), view)) ?? {});
    } catch (error) {
      if (!isApiError(error)) throw error;
      const withItem = onFailure === 'ALL_OLD' && error.body.__type.endsWith('#ConditionalCheckFailedException');
      return answer(error.statusCode, { ...error.body, ...(withItem && { Item: seen.item }) });
    }
  }

  return {
    engine: { service: 'dynamodb', requiredGrants, errorAnswer, handle },
    async createTable(properties) {
      const { description, log } = await store.createTable(properties);
      return { arn: description.TableArn, streamArn: log?.reader.arn };
    },
    stream(tableName) {
      const reader = store.tables.get(tableName)?.log?.reader;
      if (!reader) throw new Error(`no table ${tableName} with a stream`);
      return reader;
    },
    sweepExpired,
    async stop() {
      clearInterval(timer);
      await sweeping;
      await store.close();
    },
  };
}

/** Asks for no grant of what is not emulated, so that it is refused by name and not for want of a grant. */
function requiredGrants(call: AwsCall) {
  const operation = operationOf(call);
  if (!OPERATIONS.includes(operation)) return [];
  const { TableName, IndexName, RequestItems } = inputOf(call);
  const tables = RequestItems ? Object.keys(RequestItems) : [TableName];
  const index = IndexName ? `/index/${IndexName}` : '';
  const action = `dynamodb:${operation}`;
  return tables.map((table) => ({ action, resource: arn('dynamodb', `table/${table}${index}`) }));
}

function operationOf(call: AwsCall): string {
  return String(call.headers['x-amz-target']).replace('DynamoDB_20120810.', '');
}

function inputOf(call: AwsCall): Record<string, unknown> {
  return JSON.parse(call.body.toString());
}

function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && 'statusCode' in error && 'body' in error;
}

function errorAnswer(status: number, code: string, message: string): AwsAnswer {
  return answer(status, { __type: `com.amazon.coral.service#${code}`, message });
}

function answer(status: number, output: object): AwsAnswer {
  const body = JSON.stringify(output);
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-crc32': `${crc32(body)}` }, body };
}
