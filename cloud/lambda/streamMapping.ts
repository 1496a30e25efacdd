import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBRecord as StreamRecord } from 'aws-lambda';
import * as z from 'zod';
import type { StreamReader } from '../dynamodb/streamLog.ts';
import { compileFilter } from './filterCriteria.ts';
import type { LambdaFunction } from './function.ts';
import { failedItems } from './partialFailures.ts';

const BACK_OFF_MS = { first: 100, last: 10_000 };

const pattern = z.string().transform((text) => z.json().parse(JSON.parse(text)));

/** Properties of an AWS::Lambda::EventSourceMapping on a table's stream; any other is refused by name. */
export const streamMappingProperties = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number().int().min(1).max(10_000).default(100),
  StartingPosition: z.enum(['LATEST', 'TRIM_HORIZON']),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: pattern })).max(5) }).optional(),
  ParallelizationFactor: z.literal(1).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRetryAttempts: z.number().int().min(-1).max(10_000).default(-1),
  MaximumRecordAgeInSeconds: z.union([z.literal(-1), z.number().int().min(60).max(604_800)]).default(-1),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
  Enabled: z.literal(true).optional(),
});

export interface StreamMappingOptions {
  properties: z.infer<typeof streamMappingProperties>;
  function: LambdaFunction;
  reader: StreamReader;
  /** Names the checkpoint; the same after a restart. */
  consumer: string;
  /** Sends the document about a batch that was given up. */
  sendToFailureDestination: (document: object) => Promise<void>;
  onError: (message: string) => void;
}

interface Batch {
  records: StreamRecord[];
  attempts: number;
}

/**
 * Feeds a table's changes to a function, in order; what follows a failing record waits until that one is done or given up.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
 */
export async function startStreamMapping(options: StreamMappingOptions): Promise<{ stop(): Promise<void> }> {
  const { properties, function: target, reader, consumer, onError } = options;
  const filters = properties.FilterCriteria?.Filters.map(({ Pattern }) => compileFilter(Pattern));
  const wanted = (record: StreamRecord) => !filters || filters.some((matches) => matches(record));
  const stopping = new AbortController();
  let position = (await reader.checkpoint(consumer)) ?? 'TRIM_HORIZON';
  if (position === 'TRIM_HORIZON' && properties.StartingPosition === 'LATEST') {
    position = reader.latest();
    // Kept at once: LATEST means since the mapping was made, not since the last start.
    await reader.saveCheckpoint(consumer, position);
  }
  let wake = Promise.withResolvers<void>();
  const unlisten = reader.onRecord(() => wake.resolve());
  const running = run().catch((error) => onError(`${target.name}: the stream mapping ended: ${error}`));

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = Promise.withResolvers();
      const records = await reader.read(position, properties.BatchSize);
      const last = records.at(-1);
      if (!last) await wake.promise;
      else if (await deliver(records.filter(wanted))) {
        position = sequenceOf(last);
        await reader.saveCheckpoint(consumer, position);
      }
    }
  }

  /** True once every record is either through or given up; false when stopped before. */
  async function deliver(records: StreamRecord[]): Promise<boolean> {
    const pending: Batch[] = [{ records, attempts: 0 }];
    for (let batch = pending.shift(); batch; batch = pending.shift()) {
      const fresh = await dropExpired(batch);
      if (fresh.length === 0) continue;
      const failedAt = await invoke(fresh);
      if (stopping.signal.aborted) return false;
      if (failedAt >= 0) pending.unshift(...(await next({ ...batch, records: fresh.slice(failedAt) }, failedAt > 0)));
      else await reader.saveCheckpoint(consumer, sequenceOf(fresh.at(-1)));
    }
    return true;
  }

  /** Index of the first record to retry; -1 for none. */
  async function invoke(records: StreamRecord[]): Promise<number> {
    const result = await target.invoke({ Records: records });
    const numbers = records.map(sequenceOf);
    const failed = failedItems(result, numbers, properties.FunctionResponseTypes.length > 0);
    return numbers.findIndex((number) => failed.has(number));
  }

  /** Bisecting does not use up attempts; a batch that cannot be made smaller does. */
  async function next({ records, attempts }: Batch, progressed: boolean): Promise<Batch[]> {
    const middle = Math.ceil(records.length / 2);
    if (properties.BisectBatchOnFunctionError && progressed) return [{ records, attempts }];
    if (properties.BisectBatchOnFunctionError && records.length > 1)
      return [records.slice(0, middle), records.slice(middle)].map((half) => ({ records: half, attempts }));
    if (properties.MaximumRetryAttempts >= 0 && attempts >= properties.MaximumRetryAttempts) {
      await giveUp(records, 'RetryAttemptsExhausted', attempts + 1);
      return [];
    }
    const wait = Math.min(BACK_OFF_MS.first * 2 ** attempts, BACK_OFF_MS.last);
    await sleep(wait, undefined, { signal: stopping.signal }).catch(() => {});
    return [{ records, attempts: attempts + 1 }];
  }

  async function dropExpired({ records, attempts }: Batch): Promise<StreamRecord[]> {
    const oldest = Date.now() / 1000 - properties.MaximumRecordAgeInSeconds;
    const isExpired = (record: StreamRecord) => createdAt(record) < oldest;
    const expired = properties.MaximumRecordAgeInSeconds < 0 ? [] : records.filter(isExpired);
    if (expired.length > 0) await giveUp(expired, 'RecordAgeExceeded', attempts);
    return records.filter((record) => !expired.includes(record));
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
  async function giveUp(records: StreamRecord[], condition: string, approximateInvokeCount: number): Promise<void> {
    onError(`${target.name}: ${records.length} stream records given up: ${condition}`);
    if (!properties.DestinationConfig) return;
    const arrival = (record: StreamRecord | undefined) => new Date(createdAt(record) * 1000).toISOString();
    const document = {
      requestContext: { requestId: randomUUID(), functionArn: target.arn, condition, approximateInvokeCount },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: new Date().toISOString(),
      DDBStreamBatchInfo: {
        shardId: 'shardId-00000000000000000000-00000000',
        startSequenceNumber: sequenceOf(records[0]),
        endSequenceNumber: sequenceOf(records.at(-1)),
        approximateArrivalOfFirstRecord: arrival(records[0]),
        approximateArrivalOfLastRecord: arrival(records.at(-1)),
        batchSize: records.length,
        streamArn: properties.EventSourceArn,
      },
    };
    await options
      .sendToFailureDestination(document)
      .catch((error) => onError(`${target.name}: failure destination: ${error}`));
  }

  return {
    async stop() {
      stopping.abort();
      wake.resolve();
      unlisten();
      await running;
    },
  };
}

function sequenceOf(record: StreamRecord | undefined): string {
  return record?.dynamodb?.SequenceNumber ?? '';
}

/** Epoch seconds. */
function createdAt(record: StreamRecord | undefined): number {
  return record?.dynamodb?.ApproximateCreationDateTime ?? 0;
}
