import { isDeepStrictEqual } from 'node:util';
import { arn } from '../engine.ts';
import type { Done, Item, ItemDb, Operation, Store, TableDescription } from './dynalite.ts';
import { apiError, checkInput, createStore, getIndexActions } from './dynalite.ts';
import { type Change, openStreamLog, type StreamLog, under } from './streamLog.ts';

/** The properties of an AWS::DynamoDB::Table, with its physical name. */
export type TableProperties = Omit<TableDescription, 'TableArn'> & {
  StreamSpecification?: { StreamViewType: string };
  TimeToLiveSpecification?: { AttributeName?: string; Enabled: boolean };
  [property: string]: unknown;
};

interface Table {
  description: TableDescription;
  ttlAttribute: string | undefined;
  log: StreamLog | undefined;
}

/** Table properties that need nothing of us. */
const WITHOUT_EFFECT = ['PointInTimeRecoverySpecification', 'DeletionProtectionEnabled', 'SSESpecification', 'Tags'];
const FIVE_YEARS_IN_SECONDS = 5 * 365 * 86_400;

/** dynalite's store, in which each change of an item is one atomic write together with its index entries and stream record. */
export async function openTableStore(path: string | undefined, now: () => number) {
  const tables = new Map<string, Table>();
  const store = createStore(path);
  const { db } = store;
  await db.open().catch((cause) => {
    throw new Error(`DynamoDB cannot open ${path}: does another run use it?`, { cause });
  });
  let lastWrite = Promise.resolve();

  /** One after the other, so that no reader of a stream sees a record before the one that precedes it. */
  function inOrder(write: () => Promise<void>): Promise<void> {
    const written = lastWrite.then(write);
    lastWrite = written.catch(() => undefined);
    return written;
  }

  async function commit(name: string, change: Change): Promise<void> {
    if (isDeepStrictEqual(change.oldItem, change.newItem)) return;
    await inOrder(() => {
      const table = tables.get(name)!;
      const key = `item-${name}~${change.key}`;
      const record = table.log ? [table.log.append(change)] : [];
      return db.batch([change.newItem ? put(key, change.newItem) : del(key), ...entriesOf(table, change), ...record]);
    });
    tables.get(name)?.log?.notify();
  }

  function itemsOfCall(name: string, seen: { item?: Item }): ItemDb {
    const items = store.getItemDb(name);
    let oldItem: Item | undefined;
    function write(key: string, item: Item | undefined, done: Done): void {
      const newItem = item && JSON.parse(JSON.stringify(item));
      commit(name, { key, oldItem, newItem }).then(
        () => setImmediate(done, null),
        (error) => setImmediate(done, error),
      );
    }
    return {
      ...items,
      get(key, done) {
        items.get(key, (error, item) => {
          oldItem = seen.item = item;
          done(error, item);
        });
      },
      put: write,
      del: (key, done) => write(key, undefined, done),
    };
  }

  /** Takes the table over with the data that is there; what an older template derived from them is made anew. */
  async function adoptData(table: Table): Promise<void> {
    const { TableName: name, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes = [] } = table.description;
    const keyTypes = KeySchema.map((key) => AttributeDefinitions.find((it) => it.AttributeName === key.AttributeName));
    const shape = { key: [KeySchema, keyTypes], entries: [GlobalSecondaryIndexes, table.ttlAttribute ?? null] };
    const saved = (await db.get(`table~${name}`)) as typeof shape | undefined;
    if (saved && !isDeepStrictEqual(saved.key, shape.key)) {
      throw new Error(`table ${name} has another primary key than its data: delete the data directory ${path}`);
    }
    tables.set(name, table);
    if (isDeepStrictEqual(saved, shape)) return;
    for (const kind of ['index-global', 'ttl']) await db.clear(under(`${kind}~${name}~`));
    const items = `item-${name}~`;
    for await (const [key, item] of db.iterator(under(items))) {
      await db.batch(entriesOf(table, { key: key.slice(items.length), newItem: item as Item }));
    }
    await db.put(`table~${name}`, shape);
  }

  return {
    tables,
    async createTable(table: TableProperties): Promise<Table> {
      const { StreamSpecification: stream, TimeToLiveSpecification: ttl, ...properties } = table;
      const TableArn = arn('dynamodb', `table/${properties.TableName}`);
      for (const property of WITHOUT_EFFECT) delete properties[property];
      if (properties.LocalSecondaryIndexes) throw new Error(`${TableArn}: LocalSecondaryIndexes are not emulated`);
      const input = checkInput('CreateTable', structuredClone(properties), store);
      const description = { ...input, TableArn, TableStatus: 'ACTIVE' };
      // A mapping may be listening to the log of a table that is deployed anew.
      const oldLog = tables.get(table.TableName)?.log;
      const sameView = stream && oldLog?.view === stream.StreamViewType;
      const log = sameView ? oldLog : stream && (await openStreamLog(db, description, stream.StreamViewType, now));
      const created = { description, ttlAttribute: ttl?.Enabled ? ttl.AttributeName : undefined, log };
      await inOrder(() => adoptData(created));
      return created;
    },
    /** The store for one action of dynalite. `seen.item` becomes the item as the action found it, under the item's lock. */
    storeOfCall: (seen: { item?: Item }): Store => ({
      ...store,
      getTable(name, checkStatus, callback) {
        const done = typeof checkStatus === 'function' ? checkStatus : callback;
        const table = tables.get(name);
        if (table) done?.(null, table.description);
        else done?.(apiError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`));
      },
      getItemDb: (name) => itemsOfCall(name, seen),
      // The entries are written by `commit`.
      getIndexDb: (type, table, index) => ({
        ...store.getIndexDb(type, table, index),
        put: (_key, _item, done) => done(null),
        del: (_key, done) => done(null),
      }),
    }),
    sweepExpired: expirySweep({ tables, store, now, commit }),
    async close(): Promise<void> {
      await lastWrite;
      await db.close();
    },
  };
}

/** What besides the item itself comes and goes with a change: entries of the global indexes and of the TTL queue. */
function entriesOf(table: Table, { key, oldItem, newItem }: Change): Operation[] {
  const { TableName: name, GlobalSecondaryIndexes: indexes = [] } = table.description;
  const { puts, deletes } = getIndexActions(indexes, oldItem, newItem, table.description);
  const indexKey = (entry: { index: string; key: string }) => `index-global~${name}~${entry.index}~${entry.key}`;
  const dueKey = (expiry: number) => `ttl~${name}~${ttlKey(expiry)}${key}`;
  return [
    ...deletes.map((entry) => del(indexKey(entry))),
    ...expiryOf(table, oldItem).map((expiry) => del(dueKey(expiry))),
    ...puts.map((entry) => put(indexKey(entry), entry.item)),
    ...expiryOf(table, newItem).map((expiry) => put(dueKey(expiry), true)),
  ];
}

/** Epoch seconds; none if the item has no such number there, and so never expires. */
function expiryOf({ ttlAttribute }: Table, item: Item | undefined): number[] {
  const number = ttlAttribute && item?.[ttlAttribute]?.N;
  return Number(number) >= 0 && number !== '' ? [Number(number)] : [];
}

/** Whole seconds, so written that keys sort by time. */
function ttlKey(seconds: number): string {
  return `${String(Math.floor(seconds)).padStart(15, '0')}~`;
}

function put(key: string, value: unknown): Operation {
  return { type: 'put', key, value };
}

function del(key: string): Operation {
  return { type: 'del', key };
}

interface Expiring {
  tables: ReadonlyMap<string, Table>;
  store: Store;
  /** Epoch milliseconds. */
  now(): number;
  commit(name: string, change: Change): Promise<void>;
}

/** @returns deletes what has expired, and answers how many items that were */
function expirySweep({ tables, store, now, commit }: Expiring) {
  /** Deletes the item if it is still due now that nobody else can write it. Answers whether it was. */
  function expire(name: string, table: Table, key: string): Promise<boolean> {
    const items = store.getItemDb(name);
    return new Promise((resolve, reject) => {
      items.lock(key, (release) => {
        const done = release<boolean>((error, expired = false) => (error ? reject(error) : resolve(expired)));
        items.get(key, (error, oldItem) => {
          const due = expiryOf(table, oldItem).some((expiry) => expiry < now() / 1000);
          if (error || !due) done(error);
          else commit(name, { key, oldItem, byService: true }).then(() => done(null, true), done);
        });
      });
    });
  }

  return async (): Promise<number> => {
    let expired = 0;
    for (const [name, table] of tables) {
      await table.log?.trimOld();
      const prefix = `ttl~${name}~`;
      const due = { gte: prefix + ttlKey(now() / 1000 - FIVE_YEARS_IN_SECONDS), lt: prefix + ttlKey(now() / 1000) };
      for (const key of await store.db.keys(due).all()) {
        if (await expire(name, table, key.slice(prefix.length + ttlKey(0).length))) expired += 1;
      }
    }
    return expired;
  };
}
