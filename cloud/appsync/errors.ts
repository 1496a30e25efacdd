import { type GraphQLError, type GraphQLSchema, isObjectType } from 'graphql';

/** A field's error, as `util.error(message, type, data, errorInfo)` raises it. */
export class ResolverError extends Error {
  readonly fields: { errorType: string | null; data: unknown; errorInfo: unknown };

  constructor(message: string, errorType: string | null = null, data: unknown = null, errorInfo: unknown = null) {
    super(message);
    this.fields = { errorType, data, errorInfo };
  }
}

/** A request refused as a whole. `status` is HTTP's, and the errorCode of a `connection_error`. */
export class RequestError extends Error {
  readonly status: number;
  readonly errorType: string;

  constructor(status: number, errorType: string, message: string) {
    super(message);
    this.status = status;
    this.errorType = errorType;
  }
}

export const toRequestError = (error: unknown) =>
  error instanceof RequestError ? error : new RequestError(500, 'InternalFailure', String(error));

export type AppSyncError = ReturnType<typeof toAppSyncError>;

/** An entry of a response's `errors`: AppSync has no `extensions`, all is at the top level. */
export function toAppSyncError(error: GraphQLError, schema: GraphQLSchema, errorType: string | null = null) {
  const raised = error.originalError instanceof ResolverError ? error.originalError : undefined;
  return {
    path: error.path ?? null,
    data: null,
    errorType,
    errorInfo: null,
    ...raised?.fields,
    locations: error.locations?.map(({ line, column }) => ({ line, column, sourceName: null })) ?? null,
    message: raised?.message ?? appSyncMessage(error, schema),
  };
}

/** AppSync's own words for the error that an incomplete selection brings about: clients and people search for them. */
function appSyncMessage(error: GraphQLError, schema: GraphQLSchema): string {
  const [, parent, field = ''] = /^Cannot return null for non-nullable field (\w+)\.(\w+)\.$/.exec(error.message) ?? [];
  const type = parent && schema.getType(parent);
  if (!isObjectType(type)) return error.message;
  const fieldType = String(type.getFields()[field]?.type).replace(/!$/, '');
  return `Cannot return null for non-nullable type: '${fieldType}' within parent '${parent}' (/${error.path?.join('/')})`;
}
