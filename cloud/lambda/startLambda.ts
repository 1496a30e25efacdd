import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { REGION, SECRET_ACCESS_KEY } from '../engine.ts';
import { accessKeyOf } from '../iam/resources.ts';
import { schedulesOf } from '../scheduler/resources.ts';
import { startSchedule } from '../scheduler/startSchedule.ts';
import type { Engines } from '../startEngines.ts';
import type { Stack } from '../template/stack.ts';
import { createFunction, type LambdaFunction } from './function.ts';
import { assertHandler, functionsOf, type Mapping, mappingsOf } from './resources.ts';
import type { InvocationResult } from './sandbox.ts';
import { startSqsMapping } from './sqsMapping.ts';
import { startStreamMapping } from './streamMapping.ts';

/** Processes of a function that nothing else limits. */
const CONCURRENCY = 3;
const STREAM_ACTIONS = ['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords'];

/** @param variables what the template gives; what is answered stands behind it */
export type EnvironmentOf = (functionName: string, variables: Record<string, string>) => Record<string, string>;

export interface LambdaOptions {
  stack: Stack;
  engines: Pick<Engines, 'certificate' | 'dynamoDb' | 'gateway' | 'may'>;
  /** Variables of a function besides those that the template gives. */
  environmentOf?: EnvironmentOf | undefined;
  /** Directory of the app that is run. */
  appDirectory: string;
  /** Holds a directory for each function. */
  temporaryDir: string;
  logDir: string;
  onError(message: string): void;
}

export interface Lambda {
  /** Functions by name. */
  functions: Map<string, LambdaFunction>;
  /** An invocation as a role may, or a refusal. `target`: name or ARN. */
  invokeAs(accessKeyId: string, target: string, event: unknown): Promise<InvocationResult>;
  /** Starts event source mappings and schedules. With `firstInput`, each schedule's target is first invoked with it. */
  startSources(firstInput: object | undefined): Promise<void>;
  /**
   * Makes way for the next one: what runs may end. Resolves when another one may start its sources, as a stream has one
   * reader at a time; `ended` does when nothing of this one is left.
   */
  retire(): Promise<{ ended: Promise<unknown> }>;
  stop(): Promise<void>;
}

/** The functions of the template, and what invokes them. */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { stack, engines, environmentOf, onError } = options;
  const { may } = engines;
  const gatewayUrl = engines.gateway.url;
  const mappings = mappingsOf(stack);
  const definitions = functionsOf(stack);
  const roles = new Map(definitions.map(({ name, Role }) => [name, accessKeyOf(Role)]));
  const functions = new Map(definitions.map((definition) => [definition.name, functionOf(definition)]));
  const readers: { stop(): unknown }[] = [];
  const pollers: { stop(): unknown }[] = [];

  function functionOf({ name, Code, Environment, ...definition }: (typeof definitions)[number]): LambdaFunction {
    const mapping = mappings.find(({ FunctionName }) => nameOf(FunctionName) === name);
    const codeDirectory = stack.asset(Code.S3Bucket, Code.S3Key);
    assertHandler(name, codeDirectory, definition.Handler);
    return createFunction({
      name,
      handler: definition.Handler,
      codeDirectory,
      appDirectory: options.appDirectory,
      memoryMb: definition.MemorySize,
      timeoutSeconds: definition.Timeout,
      concurrency: Math.min(definition.ReservedConcurrentExecutions, mapping ? concurrencyOf(mapping) : CONCURRENCY),
      environment: {
        NODE_EXTRA_CA_CERTS: engines.certificate.certFile,
        ...environmentOf?.(name, Environment.Variables),
        AWS_ACCESS_KEY_ID: accessKeyOf(definition.Role),
        AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
        AWS_REGION: REGION,
        AWS_ENDPOINT_URL: gatewayUrl,
        ...Environment.Variables,
      },
      directory: join(options.temporaryDir, name),
      logDirectory: options.logDir,
    });
  }

  function named(nameOrArn: string): LambdaFunction {
    const found = functions.get(nameOf(nameOrArn));
    if (!found) throw new Error(`The template has no function ${nameOrArn}`);
    return found;
  }

  async function invokeAs(accessKeyId: string, nameOrArn: string, event: unknown): Promise<InvocationResult> {
    const lambda = named(nameOrArn);
    if (may(accessKeyId, 'lambda:InvokeFunction', lambda.arn)) return lambda.invoke(event);
    const errorMessage = `${accessKeyId} is not authorized to perform: lambda:InvokeFunction on resource: ${lambda.arn}`;
    onError(errorMessage);
    return { error: { errorType: 'AccessDeniedException', errorMessage } };
  }

  function startMapping({ logicalId, name: _, ...properties }: Mapping) {
    const lambda = named(properties.FunctionName);
    const accessKeyId = roles.get(lambda.name) ?? '';
    const credentials = { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY };
    // One attempt: the mappings themselves go on trying.
    const client = new SQSClient({ endpoint: gatewayUrl, region: REGION, credentials, maxAttempts: 1 });
    const source = properties.EventSourceArn;
    if (!properties.StartingPosition)
      return startSqsMapping({ properties, function: lambda, client, queueUrl: queueUrlOf(source), onError });
    const denied = STREAM_ACTIONS.find((action) => !may(accessKeyId, `dynamodb:${action}`, source));
    if (denied) throw new Error(`${logicalId}: the role of ${lambda.name} may not dynamodb:${denied} on ${source}`);
    const destination = properties.DestinationConfig?.OnFailure.Destination;
    return startStreamMapping({
      properties,
      function: lambda,
      reader: engines.dynamoDb.stream(source.split('/')[1] ?? ''),
      consumer: logicalId,
      async sendToFailureDestination(document) {
        const command = { QueueUrl: queueUrlOf(destination ?? ''), MessageBody: JSON.stringify(document) };
        await client.send(new SendMessageCommand(command));
      },
      onError,
    });
  }

  /** The URL that CreateQueue gives: below the gateway, by account and name. */
  function queueUrlOf(queueArn: string): string {
    return `${gatewayUrl}/${queueArn.split(':').slice(-2).join('/')}`;
  }

  return {
    functions,
    invokeAs,
    async startSources(firstInput) {
      for (const mapping of mappings) {
        const kind = mapping.StartingPosition ? readers : pollers;
        kind.push(await startMapping(mapping));
      }
      for (const { Target, ScheduleExpression } of schedulesOf(stack)) {
        const { arn } = named(Target.Arn);
        const invoke = (input: object) => void invokeAs(accessKeyOf(Target.RoleArn), arn, input);
        readers.push(startSchedule(ScheduleExpression, Target.Input, invoke, firstInput));
      }
    },
    async retire() {
      const ended = Promise.all([
        ...pollers.map((poller) => poller.stop()),
        ...[...functions.values()].map((lambda) => lambda.retire()),
      ]);
      await Promise.all(readers.map((reader) => reader.stop()));
      return { ended };
    },
    async stop() {
      // Together: a mapping ends when what it invoked has ended.
      await Promise.all([...readers, ...pollers, ...functions.values()].map((part) => part.stop()));
    },
  };
}

/** As many processes as the mapping may use at once; work that fills a processor gets no more than there are. */
function concurrencyOf(mapping: Mapping): number {
  if (mapping.StartingPosition) return 1;
  return Math.min(mapping.ScalingConfig?.MaximumConcurrency ?? CONCURRENCY, Math.max(2, availableParallelism()));
}

function nameOf(nameOrArn: string): string {
  return nameOrArn.split(':').at(-1) ?? nameOrArn;
}
