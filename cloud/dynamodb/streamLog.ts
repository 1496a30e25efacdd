import { randomUUID } from 'node:crypto';
import type { DynamoDBRecord } from 'aws-lambda';
import { REGION } from '../engine.ts';
import type { Db, Item, Operation, TableDescription } from './dynalite.ts';

/** One table's stream (one shard) for a consumer in this process. Sequence numbers compare as strings. */
export interface StreamReader {
  arn: string;
  /** The records after a sequence number, oldest first, at most `limit`. */
  read(after: string | 'TRIM_HORIZON', limit: number): Promise<DynamoDBRecord[]>;
  /** The position of a consumer that starts at LATEST. */
  latest(): string;
  /** Calls `listener` after each new record. Answers the function that ends it. */
  onRecord(listener: () => void): () => void;
  checkpoint(consumer: string): Promise<string | undefined>;
  /** Durable. What every consumer with a checkpoint has passed is trimmed. */
  saveCheckpoint(consumer: string, sequenceNumber: string): Promise<void>;
}

export interface Change {
  key: string;
  oldItem?: Item;
  newItem?: Item;
  /** Removed by DynamoDB itself: by TTL. */
  byService?: boolean;
}

export type StreamLog = Awaited<ReturnType<typeof openStreamLog>>;

const RETENTION_MS = 24 * 3_600_000;

/** All keys that begin with `prefix`. */
export function under(prefix: string) {
  return { gte: prefix, lt: `${prefix}\xff` };
}

/** @param view the table's StreamViewType */
export async function openStreamLog(db: Db, table: TableDescription, view: string, now: () => number) {
  const records = `stream~${table.TableName}~`;
  const checkpoints = `checkpoint~${table.TableName}~`;
  const arn = `${table.TableArn}/stream/2024-01-01T00:00:00.000`;
  const listeners = new Set<() => void>();
  const savedCheckpoints = async () => (await db.values(under(checkpoints)).all()).map(String).sort();
  const [newest = ''] = await db.keys({ ...under(records), reverse: true, limit: 1 }).all();
  // An emptied log must not give out a number again: then its consumers' checkpoints remember the last one.
  let last = [newest.slice(records.length), ...(await savedCheckpoints())].sort().at(-1) || sequenceNumber(0);
  let trimmed = '';

  async function trim(through: string): Promise<void> {
    if (through <= trimmed) return;
    // Reading begins at the last trim: LevelDB would wade through all that it deleted before, ever slower.
    await db.clear({ gt: records + trimmed, lte: records + through });
    trimmed = through;
  }

  const reader: StreamReader = {
    arn,
    async read(after, limit) {
      const gt = records + (after === 'TRIM_HORIZON' ? '' : after);
      return (await db.values({ gt, lt: under(records).lt, limit }).all()) as DynamoDBRecord[];
    },
    latest: () => last,
    onRecord(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async checkpoint(consumer) {
      const saved = await db.get(checkpoints + consumer);
      return saved === undefined ? undefined : String(saved);
    },
    async saveCheckpoint(consumer, sequence) {
      await db.put(checkpoints + consumer, sequence);
      await trim((await savedCheckpoints())[0] ?? '');
    },
  };

  return {
    reader,
    view,
    /** The write of the record, to go into one batch with the change. Call it in the order of the batches. */
    append({ oldItem, newItem, byService }: Change): Operation {
      last = sequenceNumber(Math.max(Number(last.slice(1)) + 1, now() * 1000));
      const item = newItem ?? oldItem ?? {};
      const images = {
        Keys: Object.fromEntries(table.KeySchema.map(({ AttributeName: name }) => [name, item[name]])),
        ...(newItem && view.startsWith('NEW') && { NewImage: newItem }),
        ...(oldItem && view.includes('OLD') && { OldImage: oldItem }),
      };
      const value = {
        eventID: randomUUID().replaceAll('-', ''),
        eventName: !oldItem ? 'INSERT' : newItem ? 'MODIFY' : 'REMOVE',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: REGION,
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(now() / 1000),
          ...images,
          SequenceNumber: last,
          SizeBytes: Buffer.byteLength(JSON.stringify(images)),
          StreamViewType: view,
        },
        ...(byService && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
        eventSourceARN: arn,
      };
      return { type: 'put', key: records + last, value };
    },
    notify(): void {
      for (const listener of listeners) listener();
    },
    /** Drops what is older than DynamoDB keeps: 24 hours. */
    trimOld: () => trim(sequenceNumber(Math.max(0, (now() - RETENTION_MS) * 1000))),
  };
}

/** 21 digits that grow with time: both age and order show in the number. */
function sequenceNumber(microseconds: number): string {
  return `1${String(microseconds).padStart(20, '0')}`;
}
