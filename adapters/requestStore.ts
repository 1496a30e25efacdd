import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { epochSeconds } from '../core/deadlines.ts';
import { LesionError } from '../core/errors.ts';
import {
  type AwaitingDescription,
  type Cancelled,
  type Completed,
  type Failed,
  isExpired,
  type LesionRequest,
  type Pending,
  type Processing,
} from '../core/request.ts';
import { boundedClient, isAwsError } from './awsClient.ts';

export interface RequestPage {
  items: LesionRequest[];
  /** The key at which the next page begins; null after the last. */
  next: PageStart | null;
}

export interface PageStart {
  requestId: string;
  submittedAt: string;
}

export interface Change<After extends LesionRequest = LesionRequest> {
  before: LesionRequest;
  after: After;
}

export type RequestStore = ReturnType<typeof createRequestStore>;

interface RequestTable {
  client: DynamoDBDocumentClient;
  tableName: string;
  now(): Date;
}

/** Someone else changed the request between reading and writing. */
class StaleVersion extends Error {
  override readonly name = 'StaleVersion';
}

const triesPerChange = 8;

/**
 * Requests in DynamoDB. An expired one is absent from the first millisecond, though DynamoDB deletes it later.
 * Tests: test/lifecycle/requestStore.test.ts.
 */
export function createRequestStore(tableName: string, now: () => Date = () => new Date()) {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(boundedClient), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const table: RequestTable = { client, tableName, now };

  async function get(requestId: string): Promise<LesionRequest | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: { requestId }, ConsistentRead: true }),
    );
    const request = Item && requestFromItem(Item);
    return request && !isExpired(request, now()) ? request : undefined;
  }

  /** Writes a new request, unless one with its id is there. */
  async function create(request: Pending): Promise<'created' | 'exists'> {
    try {
      await client.send(
        new PutCommand({
          TableName: tableName,
          Item: itemFromRequest(request),
          ConditionExpression: 'attribute_not_exists(requestId) OR expiresAt <= :now',
          ExpressionAttributeValues: { ':now': epochSeconds(now()) },
        }),
      );
      return 'created';
    } catch (error) {
      if (isAwsError(error, 'ConditionalCheckFailedException')) return 'exists';
      throw error;
    }
  }

  /** @throws StaleVersion if the stored request is no longer `before` */
  async function replace(before: LesionRequest, after: LesionRequest): Promise<void> {
    try {
      await client.send(
        new PutCommand({
          TableName: tableName,
          Item: itemFromRequest(after),
          ConditionExpression: '#status = :status AND version = :version',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':status': before.status, ':version': before.version },
        }),
      );
    } catch (error) {
      // The SDK re-sends a write whose answer was lost: then it is our own write that stands in the way.
      if (isAwsError(error, 'ConditionalCheckFailedException')) {
        if (await isStored(after)) return;
        throw new StaleVersion();
      }
      throw error;
    }
  }

  async function isStored(request: LesionRequest): Promise<boolean> {
    const stored = await get(request.requestId);
    return stored?.version === request.version && JSON.stringify(sorted(stored)) === JSON.stringify(sorted(request));
  }

  /**
   * Reads, decides, writes; begins anew if someone else wrote in between.
   * @param decide the next state, or undefined to leave the request as it is
   * @param known what the caller read or wrote last, to save the first read
   * @returns undefined if there is no such request or `decide` left it
   */
  async function change<After extends LesionRequest>(
    requestId: string,
    decide: (request: LesionRequest) => After | undefined | Promise<After | undefined>,
    known?: LesionRequest,
  ): Promise<Change<After> | undefined> {
    let before = known ?? (await get(requestId));
    for (let tries = 1; before; tries++) {
      const after = await decide(before);
      if (!after) return undefined;
      try {
        await replace(before, after);
        return { before, after };
      } catch (error) {
        if (!(error instanceof StaleVersion)) throw error;
        if (tries === triesPerChange) throw new LesionError('ServiceUnavailable', 'The request is busy. Try again.');
      }
      before = await get(requestId);
    }
    return undefined;
  }

  return { get, create, change, ...listsOf(table), ...deadlinesOf(table) };
}

function listsOf({ client, tableName, now }: RequestTable) {
  async function listByOwner(owner: string, limit: number, start: PageStart | null): Promise<RequestPage> {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'byOwner',
        KeyConditionExpression: '#owner = :owner',
        FilterExpression: 'expiresAt > :now',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': owner, ':now': epochSeconds(now()) },
        ScanIndexForward: false,
        Limit: limit,
        ExclusiveStartKey: start ? { ...start, owner } : undefined,
      }),
    );
    const next = LastEvaluatedKey
      ? { requestId: String(LastEvaluatedKey.requestId), submittedAt: String(LastEvaluatedKey.submittedAt) }
      : null;
    return { items: Items.map(requestFromItem), next };
  }

  /**
   * Ids of the requests whose `dueAt` has come, the longest overdue first. One that is postponed meanwhile may come again.
   */
  async function* listDue(until: string): AsyncGenerator<string> {
    const pages = paginateQuery(
      { client, pageSize: 100 },
      {
        TableName: tableName,
        IndexName: 'due',
        KeyConditionExpression: 'dueBucket = :bucket AND dueAt <= :until',
        ExpressionAttributeValues: { ':bucket': dueBucket, ':until': until },
      },
    );
    for await (const { Items = [] } of pages) yield* Items.map((item) => String(item.requestId));
  }

  return { listByOwner, listDue };
}

function deadlinesOf({ client, tableName }: RequestTable) {
  /** Moves `dueAt` alone; the version stays, since nothing that a client sees has changed. */
  async function postpone(request: Pending | Processing | AwaitingDescription): Promise<void> {
    await updateIfSame(request, 'SET dueAt = :dueAt', { ':dueAt': request.dueAt });
  }

  /** Takes an ended request out of the `due` index; the version stays. */
  async function settle(request: Completed | Failed | Cancelled): Promise<void> {
    await updateIfSame(request, 'REMOVE dueAt, dueBucket');
  }

  /** What has moved on meanwhile is left as it is. */
  async function updateIfSame({ requestId, version }: LesionRequest, update: string, values = {}): Promise<void> {
    try {
      await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { requestId },
          UpdateExpression: update,
          ConditionExpression: 'version = :version',
          ExpressionAttributeValues: { ':version': version, ...values },
        }),
      );
    } catch (error) {
      if (!isAwsError(error, 'ConditionalCheckFailedException')) throw error;
    }
  }

  return { postpone, settle };
}

/** One partition: the index holds only what is open or has just ended. */
const dueBucket = 'due';

function itemFromRequest(request: LesionRequest): Record<string, unknown> {
  return 'dueAt' in request && request.dueAt ? { ...request, dueBucket } : { ...request };
}

/**
 * Only this file writes the table, so an item is what `itemFromRequest` made of a request.
 * @throws Error if it has no id, status or version
 */
export function requestFromItem({ dueBucket: _, ...item }: Record<string, unknown>): LesionRequest {
  if (typeof item.requestId !== 'string' || typeof item.status !== 'string' || typeof item.version !== 'number') {
    throw new Error('An item in the request table is no request');
  }
  return item as unknown as LesionRequest;
}

/** Keys in one order at every depth, and undefined gone, as after a round trip through DynamoDB. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
