/** The parts of dynalite 4.0.0 we build on, typed. We call them directly: each call gets a store of its own (tableStore.ts). */
import { createRequire } from 'node:module';

/** An item in DynamoDB's JSON form, e.g. `{requestId: {S: 'a'}, attempt: {N: '1'}}`. */
export type Item = Record<string, Record<string, unknown>>;
export type Done<T = void> = (error: unknown, value?: T) => void;

export interface ItemDb {
  get(key: string, done: Done<Item>): void;
  put(key: string, item: Item, done: Done): void;
  del(key: string, done: Done): void;
  /** `release(done)` is a callback that frees the key, then calls `done`. */
  lock(key: string, held: (release: <T>(done: Done<T>) => Done<T>) => void): void;
}

type Range = { gt?: string; gte?: string; lt?: string; lte?: string; limit?: number; reverse?: boolean };
type Cursor<T> = AsyncIterable<T> & { all(): Promise<T[]>; close(): Promise<void> };
export type Operation = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };

/** LevelDB; values are JSON. */
export interface Db {
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  batch(operations: Operation[]): Promise<void>;
  clear(range: Range): Promise<void>;
  keys(range: Range): Cursor<string>;
  values(range: Range): Cursor<unknown>;
  iterator(range: Range): Cursor<[string, unknown]>;
}

export interface TableDescription {
  TableName: string;
  TableArn: string;
  KeySchema: { AttributeName: string; KeyType: string }[];
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  GlobalSecondaryIndexes?: { IndexName: string; KeySchema: object[]; Projection: object }[];
}

export interface Store {
  db: Db;
  getTable(name: string, checkStatus: boolean | Done<TableDescription>, done?: Done<TableDescription>): void;
  getItemDb(table: string): ItemDb;
  getIndexDb(type: string, table: string, index: string): Pick<ItemDb, 'put' | 'del'>;
}

/** How dynalite says what DynamoDB would answer. */
export interface ApiError extends Error {
  statusCode: number;
  body: { __type: string };
}

interface Dynalite {
  create(options: { path?: string }): Store;
  /** The index entries that come and go with a change of an item. */
  getIndexActions(
    indexes: { IndexName: string }[],
    oldItem: Item | undefined,
    newItem: Item | undefined,
    table: TableDescription,
  ): { puts: { index: string; key: string; item: Item }[]; deletes: { index: string; key: string }[] };
  checkTypes<T extends object>(input: T, types: object): T;
  checkValidations(input: object, types: object, custom: unknown, store: Store): void;
}

const require = createRequire(import.meta.url);
const { checkTypes, checkValidations }: Dynalite = require('dynalite/validations');
const { create, getIndexActions }: Dynalite = require('dynalite/db');

export { getIndexActions };

/** @param path directory of the data; without it they are in memory */
export function createStore(path: string | undefined): Store {
  const store = create({ path });
  // dynalite ends its cursors by a method they do not have, and so leaks one LevelDB snapshot with every query.
  const values = store.db.values.bind(store.db);
  store.db.values = (range) => {
    const cursor = values(range);
    return Object.assign(cursor, { return: () => cursor.close() });
  };
  return store;
}

export function apiError(code: string, message: string): ApiError {
  const body = { __type: `com.amazonaws.dynamodb.v20120810#${code}`, message };
  return Object.assign(new Error(message), { statusCode: 400, body });
}

/** The input as dynalite's actions want it. Throws ApiError, also for a parameter that dynalite would ignore. */
export function checkInput<T extends object>(operation: string, input: T, store: Store): T {
  const { types, custom }: { types: object; custom?: unknown } = require(`dynalite/validations/${fileOf(operation)}`);
  const ignored = Object.keys(input).find((name) => !(name in types));
  if (ignored) throw apiError('ValidationException', `${ignored} of ${operation} is not emulated`);
  const checked = checkTypes(input, types);
  checkValidations(checked, types, custom, store);
  return checked;
}

export function runAction(operation: string, input: object, store: Store): Promise<object | undefined> {
  type Action = (store: Store, input: object, done: Done<object>) => void;
  const action: Action = require(`dynalite/actions/${fileOf(operation)}`);
  return new Promise((resolve, reject) => {
    action(store, input, (error, output) => (error ? reject(error) : resolve(output)));
  });
}

function fileOf(operation: string): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}
