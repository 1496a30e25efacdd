import * as z from 'zod';
import type { InvocationResult } from './sandbox.ts';

const report = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() });

/**
 * Which records of a batch have to be retried. Everything, where the function failed, where its report is malformed
 * or where it names a record that is not in the batch; nothing, where the report is null or empty.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedItems(result: InvocationResult, identifiers: string[], reporting: boolean): Set<string> {
  const all = new Set(identifiers);
  if ('error' in result) return all;
  if (!reporting || result.payload === null) return new Set();
  const parsed = report.safeParse(result.payload);
  if (!parsed.success) return all;
  const failed = (parsed.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  return failed.every((identifier) => all.has(identifier)) ? new Set(failed) : all;
}
