import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionResult, GraphQLFieldResolver, GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import {
  execute,
  executeSync,
  GraphQLError,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  responsePathAsArray,
  specifiedRules,
  validate,
} from 'graphql';
import { arn } from '../engine.ts';
import type { Caller, Credentials } from './authorization.ts';
import { type AppSyncError, RequestError, ResolverError, toAppSyncError } from './errors.ts';
import { compileResolver, type Effects, type ResolverCode } from './jsRuntime.ts';
import type { AppSyncOptions, DataSource } from './options.ts';
import { type AppSyncSchema, buildAppSyncSchema } from './schema.ts';
import { isRecord, selected, selectionInfo, selectionSets } from './selection.ts';
import { passes, type SubscriptionFilter } from './subscriptionFilter.ts';

type Resolver = { code: ResolverCode; dataSource: DataSource };
export interface Api extends AppSyncSchema {
  options: AppSyncOptions;
  resolvers: Map<string, Resolver>;
}

/** @throws Error for a schema or a resolver that AppSync would refuse. */
export function buildApi(options: AppSyncOptions): Api {
  const api = buildAppSyncSchema(options.schema, options.defaultAuth, options.additionalAuth);
  const resolvers = new Map<string, Resolver>();
  for (const { typeName, fieldName, code, dataSource } of options.resolvers) {
    const name = `${typeName}.${fieldName}`;
    if (!api.modes.has(name)) throw new Error(`There is a resolver for ${name}, but no such field`);
    resolvers.set(name, { code: compileResolver(name, code), dataSource });
  }
  return { ...api, options, resolvers };
}

/** The selected result of a mutation that succeeded, under the fields' own names. */
export type Publication = { mutation: string; event: unknown };

export interface Subscription {
  fieldName: string;
  /** Whether an event is for this subscriber: by the enhanced filter, else by the arguments that are there. */
  wants(event: unknown): boolean;
  /** What the subscriber gets of an event. */
  payload(event: unknown): Response;
}

type Response = { data: unknown; errors?: AppSyncError[] };
type Outcome = { response: Response; publications: Publication[]; subscription?: Subscription };

interface Call {
  api: Api;
  caller: Caller;
  headers: Credentials['headers'];
  variables: Record<string, unknown>;
  resolversRun: number;
  appended: GraphQLError[];
  roots: { info: GraphQLResolveInfo; args: Record<string, unknown> }[];
  filter?: SubscriptionFilter;
}
type FieldResolver = GraphQLFieldResolver<unknown, Call, Record<string, unknown>>;

/** Runs a request's body. @throws RequestError 400 where it is not GraphQL; all other errors are in the response. */
export async function runOperation(
  api: Api,
  transport: 'http' | 'realtime',
  { body, headers }: Credentials,
  caller: Caller,
): Promise<Outcome> {
  const { schema, options } = api;
  const { document, variables, operationName } = parseBody(body);
  const refused = (errorType: string, ...errors: readonly GraphQLError[]): Outcome => ({
    response: { data: null, errors: errors.map((error) => toAppSyncError(error, schema, errorType)) },
    publications: [],
  });
  const rules = options.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const invalid = validate(schema, document, rules);
  if (invalid.length > 0) return refused('ValidationError', ...invalid);
  const operation = getOperationAST(document, operationName)?.operation;
  if (!operation) return refused('ValidationError', new GraphQLError(`Unknown operation named '${operationName}'.`));
  if ((operation === 'subscription') !== (transport === 'realtime')) {
    const errorType = transport === 'http' ? 'OperationNotSupported' : 'UnsupportedOperation';
    return refused(errorType, new GraphQLError(`${operation} not supported through the ${transport} channel`));
  }
  const call: Call = { api, caller, headers, variables, resolversRun: 0, appended: [], roots: [] };
  const request = { schema, document, operationName, variableValues: variables, contextValue: call };
  const { data, errors = [] } = await execute({ ...request, fieldResolver: resolveField });
  const response = responseOf({ data, errors: [...errors, ...call.appended] }, schema);
  if (operation === 'query' || !data) return { response, publications: [] };
  if (operation === 'mutation') return { response, publications: publicationsOf(call, data) };
  const deliver = (rootValue: object) =>
    responseOf(executeSync({ ...request, rootValue, fieldResolver: deliverField }), schema);
  return { response, publications: [], ...(!response.errors && { subscription: subscriptionOf(call, deliver) }) };
}

function parseBody(body: string) {
  try {
    const { query, variables, operationName }: Record<string, unknown> = JSON.parse(body);
    const name = typeof operationName === 'string' ? operationName : undefined;
    return { document: parse(String(query)), variables: isRecord(variables) ? variables : {}, operationName: name };
  } catch {
    throw new RequestError(400, 'MalformedHttpRequestException', 'Unable to parse GraphQL query.');
  }
}

function responseOf({ data = null, errors = [] }: ExecutionResult, schema: GraphQLSchema): Response {
  const failures = errors.map((error) => toAppSyncError(error, schema));
  return failures.length > 0 ? { data, errors: failures } : { data };
}

function publicationsOf({ roots }: Call, data: Record<string, unknown>): Publication[] {
  return roots.flatMap(({ info: { fieldName, fieldNodes, path, fragments } }) => {
    const result = data[path.key] ?? null;
    const event = selected(selectionSets(fieldNodes), result, fragments);
    return result === null ? [] : { mutation: fieldName, event };
  });
}

function subscriptionOf({ filter, roots: [root] }: Call, deliver: (rootValue: object) => Response): Subscription {
  const fieldName = root?.info.fieldName ?? '';
  const args = Object.entries(root?.args ?? {});
  const meets = (event: unknown) => args.every(([name, value]) => isRecord(event) && (event[name] ?? null) === value);
  return {
    fieldName,
    wants: (event) => (filter ? passes(filter, event) : meets(event)),
    payload: (event) => deliver({ [fieldName]: event }),
  };
}

const resolveField: FieldResolver = (source, args, call, info) => {
  const { options, resolvers } = call.api;
  const path = responsePathAsArray(info.path);
  if (path.length === 1) call.roots.push({ info, args });
  assertAllowed(call, info);
  if (path.filter((key) => typeof key === 'string').length > (options.queryDepthLimit || Number.POSITIVE_INFINITY)) {
    throw new ResolverError('Query depth limit reached.', 'QueryDepthLimitReached');
  }
  const resolver = resolvers.get(`${info.parentType.name}.${info.fieldName}`);
  if (!resolver) return isRecord(source) ? source[info.fieldName] : null;
  call.resolversRun += 1;
  if (call.resolversRun <= (options.resolverCountLimit || 10_000))
    return runResolver(resolver, source, args, call, info);
  throw new ResolverError('Resolver invocation limit reached.', 'ResolverExecutionLimitReached');
};

/** Fields of an event. Who may hear of it was settled when subscribing; nested types still ask for their mode. */
const deliverField: FieldResolver = (source, _args, call, info) => {
  if (info.path.prev) assertAllowed(call, info);
  return isRecord(source) ? source[info.fieldName] : null;
};

/** IAM is asked for the fields of Query, Mutation and Subscription alone: a grant on them is enough to publish. */
function assertAllowed({ api, caller }: Call, { parentType, fieldName, path }: GraphQLResolveInfo): void {
  const { apiId, isAllowed } = api.options;
  const field = arn('appsync', `apis/${apiId}/types/${parentType.name}/fields/${fieldName}`);
  const key = path.prev ? undefined : caller.accessKeyId;
  const hasMode = api.modes.get(`${parentType.name}.${fieldName}`)?.includes(caller.mode);
  if (hasMode && (!key || isAllowed(key, 'appsync:GraphQL', field))) return;
  throw new ResolverError(`Not Authorized to access ${fieldName} on type ${parentType.name}`, 'Unauthorized');
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

async function runResolver(
  { code, dataSource }: Resolver,
  source: unknown,
  args: object,
  call: Call,
  info: GraphQLResolveInfo,
): Promise<unknown> {
  const { fieldName, parentType, fieldNodes, fragments } = info;
  const { headers, variables, caller } = call;
  const given = plain(args);
  const context = {
    ...{ arguments: given, args: given, identity: caller.identity, source: source ?? null, prev: null, stash: {} },
    request: { headers, domainName: null },
    info: { fieldName, parentTypeName: parentType.name, variables, ...selectionInfo(fieldNodes, fragments) },
  };
  const effects: Effects = {
    authMode: caller.mode,
    say: (level, values) => call.api.options.log?.({ level, message: [`${parentType.name}.${fieldName}:`, ...values] }),
    errors: [],
  };
  try {
    const { request, response } = code(effects);
    const outcome = await callDataSource(call.api.options, dataSource, plain(request(context)));
    const result = plain(response({ ...context, ...outcome }));
    call.filter = effects.filter;
    return result;
  } catch (error) {
    if (!(error instanceof ResolverError)) throw new ResolverError(`Runtime Error: ${error}`, 'Code');
    error.fields.data = selected(selectionSets(fieldNodes), error.fields.data, fragments);
    throw error;
  } finally {
    const where = { nodes: fieldNodes, path: responsePathAsArray(info.path) };
    for (const error of effects.errors) call.appended.push(new GraphQLError('', { ...where, originalError: error }));
  }
}

/** `ctx.result` and `ctx.error` of the response handler. */
async function callDataSource(options: AppSyncOptions, dataSource: DataSource, request: unknown) {
  const { operation, payload = null } = isRecord(request) ? request : {};
  if (dataSource.type === 'NONE') return { result: payload };
  if (operation !== 'Invoke') throw new Error(`the Lambda operation ${operation} is not emulated`);
  const done = new AbortController();
  const limit = sleep(options.resolverTimeoutMs ?? 30_000, undefined, { signal: done.signal });
  const invocation = options.invoke(dataSource.functionName, payload);
  const answer = await Promise.race([invocation, limit]).finally(() => done.abort());
  const failed = (type: string, message: string) => ({ result: null, error: { message, type } });
  if (!answer) return failed('Lambda:ExecutionTimeoutException', 'Execution timed out.');
  return 'payload' in answer
    ? { result: answer.payload }
    : failed('Lambda:Unhandled', answer.functionError.errorMessage);
}
