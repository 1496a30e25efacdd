import * as z from 'zod';
import { ignore } from '../template/properties.ts';
import { own, type ResourceTypes } from '../template/resourceTypes.ts';
import type { Stack } from '../template/stack.ts';

export const schedulerTypes: ResourceTypes = { 'AWS::Scheduler::Schedule': own };

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Milliseconds of a `rate(…)`. */
const rate = z.string().transform((expression, context) => {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (!count) context.addIssue(`${expression} is not emulated; rate(…) is`);
  return Number(count) * (UNIT_MS[unit] ?? 0);
});
const input = z.string().transform((text) => z.record(z.string(), z.json()).parse(JSON.parse(text)));

const scheduleProperties = z.strictObject({
  ...ignore('Name', 'Description', 'GroupName'),
  ScheduleExpression: rate,
  ScheduleExpressionTimezone: z.literal('Etc/UTC').optional(),
  State: z.literal('ENABLED').optional(),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  // Without RetryPolicy: a run that failed is followed by the next soon enough.
  Target: z.strictObject({ ...ignore('RetryPolicy'), Arn: z.string(), RoleArn: z.string(), Input: input.default({}) }),
});

export const schedulesOf = (stack: Stack) => stack.of('AWS::Scheduler::Schedule', scheduleProperties);
