import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { arn } from '../engine.ts';
import { LEFT_OUT_MARK } from '../template/leftOut.ts';
import { ignore } from '../template/properties.ts';
import { own, type ResourceTypes } from '../template/resourceTypes.ts';
import type { Stack } from '../template/stack.ts';
import { sqsMappingProperties } from './sqsMapping.ts';
import { streamMappingProperties } from './streamMapping.ts';

export const lambdaTypes: ResourceTypes = {
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    bringUp: ({ name }) => ({ ref: name, Arn: arn('lambda', `function:${name}`) }),
  },
  'AWS::Lambda::EventSourceMapping': own,
};

const text = z.string();
/** Lambda's own, which a template cannot set. */
const RESERVED =
  /^(AWS_(REGION|DEFAULT_REGION|ACCESS_KEY.*|SECRET_ACCESS_KEY|SESSION_TOKEN|LAMBDA_.*)|LAMBDA_.*|_HANDLER)$/;
const variables = z
  .record(
    text,
    z.coerce
      .string()
      .refine((value) => !value.includes(LEFT_OUT_MARK), 'needs a resource that the embedded run leaves out'),
  )
  .refine((values) => !Object.keys(values).some((name) => RESERVED.test(name)), 'sets a variable that Lambda reserves');

const mappingProperties = z.discriminatedUnion('StartingPosition', [streamMappingProperties, sqsMappingProperties]);

const functionProperties = z.strictObject({
  ...ignore('FunctionName', 'Architectures', 'Description', 'EphemeralStorage', 'LoggingConfig', 'TracingConfig'),
  ...ignore('VpcConfig', 'Tags'),
  Runtime: z.literal(['nodejs22.x', 'nodejs24.x']),
  Code: z.strictObject({ S3Bucket: text, S3Key: text }),
  Handler: text,
  Role: text,
  MemorySize: z.number().int().min(128).max(10_240).default(128),
  Timeout: z.number().int().min(1).max(900).default(3),
  Environment: z.strictObject({ Variables: variables }).default({ Variables: {} }),
  ReservedConcurrentExecutions: z.number().positive().default(Number.POSITIVE_INFINITY),
});

export const functionsOf = (stack: Stack) => stack.of('AWS::Lambda::Function', functionProperties);
export const mappingsOf = (stack: Stack) => stack.of('AWS::Lambda::EventSourceMapping', mappingProperties);
export type Mapping = ReturnType<typeof mappingsOf>[number];

/** As bootstrap.mjs looks for the module of a handler. */
const MODULE_ENDINGS = ['.mjs', '.js', '.cjs'];

/** @throws naming what is missing, before the first invocation would */
export function assertHandler(functionName: string, codeDirectory: string, handler: string): void {
  const module = handler.slice(0, handler.lastIndexOf('.'));
  const files = MODULE_ENDINGS.map((ending) => `${module}${ending}`);
  if (files.some((file) => existsSync(join(codeDirectory, file)))) return;
  throw new Error(
    `${functionName}: its handler is ${handler}, but there is no ${files.join(' or ')} in ${codeDirectory}`,
  );
}
