import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { log } from '../../adapters/log.ts';
import type { Publisher } from '../../adapters/publisher.ts';
import { requestFromItem } from '../../adapters/requestStore.ts';
import { isExpired, type LesionRequest } from '../../core/request.ts';
import { viewOf } from '../../core/requestView.ts';

interface Pushed {
  sequenceNumber: string;
  request: LesionRequest;
}

/**
 * Pushes each new version to its owner: one request's versions in order, different requests beside each other.
 *
 * @returns the earliest record that failed; Lambda sends it and all after it again, and a version twice does no harm
 */
export async function publishChanges(
  records: DynamoDBRecord[],
  publisher: Publisher,
  now: Date,
): Promise<DynamoDBBatchResponse> {
  const pushes = records.map(toPush).filter((push) => push !== undefined);
  const live = pushes.filter(({ request }) => !isExpired(request, now));
  const byRequest = Map.groupBy(live, ({ request }) => request.requestId);
  const failures = await Promise.all([...byRequest.values()].map((versions) => publishInOrder(versions, publisher)));
  const failed = new Set(failures.filter((sequenceNumber) => sequenceNumber !== undefined));
  // The records come in the stream's order, so the first that failed is the earliest.
  const earliest = pushes.find(({ sequenceNumber }) => failed.has(sequenceNumber));
  return { batchItemFailures: earliest ? [{ itemIdentifier: earliest.sequenceNumber }] : [] };
}

function toPush({ dynamodb }: DynamoDBRecord): Pushed | undefined {
  if (!dynamodb?.NewImage || !dynamodb.SequenceNumber) return undefined;
  const request = requestFromItem(unmarshall(dynamodb.NewImage as Parameters<typeof unmarshall>[0]));
  // The sweeper moves `dueAt` without a new version: nothing to tell.
  if (dynamodb.OldImage?.version?.N === String(request.version)) return undefined;
  return { sequenceNumber: dynamodb.SequenceNumber, request };
}

async function publishInOrder(versions: Pushed[], publisher: Publisher): Promise<string | undefined> {
  for (const { sequenceNumber, request } of versions) {
    try {
      await publisher.publish(viewOf(request));
    } catch (error) {
      log.error('push failed', { requestId: request.requestId, error });
      return sequenceNumber;
    }
  }
  return undefined;
}
