import type { AnyInfo } from '../generated/contract.ts';
import { type ErrorCode, isErrorCode, LesionError } from '../lesionError.ts';

/** What AppSync and amplify call their own errors, in our terms. Matched from the start of the name. */
const foreignCodes: [pattern: RegExp, code: ErrorCode][] = [
  [
    /^(Unauthorized|NotAuthorized|UnrecognizedClient|AccessDenied|NoSignedUser|NoValidAuthTokens|NoAuthorization|NoApiKey)/,
    'Unauthorized',
  ],
  [/^(TooManyRequests|Throttl|LimitExceeded|MaxSubscriptions)/, 'TooManyRequests'],
  [
    /^(ValidationError|BadRequest|MalformedHttpRequest|GraphQLError|OperationNotSupported|RequestEntityTooLarge)/,
    'InvalidInput',
  ],
  [/^(NetworkError|ERR_NETWORK)/, 'Network'],
  [/^(CanceledError|AbortError)/, 'Aborted'],
  [/^(ServiceUnavailable|InternalFailure|ExecutionTimeout|TimeoutError|RequestTimeout)/, 'ServiceUnavailable'],
];

/**
 * aws-amplify rejects with plain objects `{ data, errors: [{ errorType, message, errorInfo, originalError }] }` for
 * what the server answered or the network did, and with Errors for what happened before. Both become a LesionError.
 */
export function toLesionError(thrown: unknown, requestId?: string): LesionError {
  if (thrown instanceof LesionError) return thrown;
  const error = firstError(thrown);
  const code = codeOf(error);
  return new LesionError(code, messageOf(code, error), { requestId, info: infoOf(error), cause: thrown });
}

const kinds = {
  problems: 'object',
  maximumBytes: 'number',
  maximumPixels: 'number',
  width: 'number',
  height: 'number',
  contentTypes: 'object',
  status: 'string',
  requestId: 'string',
  retryAfterSeconds: 'number',
} as const satisfies Record<keyof AnyInfo, 'number' | 'string' | 'object'>;

/** What the server told for programs; what is not of the contract, as a gateway between might have put it, is left out. */
function infoOf({ errorInfo }: Record<string, unknown>): AnyInfo {
  if (!isRecord(errorInfo)) return {};
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([name, kind]) => {
      const value = errorInfo[name];
      return typeof value === kind && value !== null ? [[name, value]] : [];
    }),
  );
}

function codeOf(error: Record<string, unknown>): ErrorCode {
  const { name, errorType, message } = error;
  const original = isRecord(error.originalError) ? error.originalError : undefined;
  if (isErrorCode(errorType)) return errorType;
  const [told] = [errorType, subscriptionErrorType(message)].flatMap(foreignCode);
  if (told) return told;
  const status = original && statusOf(original);
  if (status !== undefined) return codeOfStatus(status);
  const [known] = [original?.name, name].flatMap(foreignCode);
  // amplify calls by this name whatever it cannot read: an answer that was cut off, too.
  return original && name === 'GraphQLError' ? 'Network' : (known ?? 'InternalError');
}

function foreignCode(name: unknown): ErrorCode[] {
  if (typeof name !== 'string') return [];
  return foreignCodes.filter(([pattern]) => pattern.test(name)).map(([, code]) => code);
}

/** A refused subscription comes as a text: `Connection failed: {"errors":[{"errorType":"Unauthorized",…}]}`. */
function subscriptionErrorType(message: unknown): string | undefined {
  if (typeof message !== 'string' || !message.startsWith('Connection failed:')) return undefined;
  return /"errorType":\s*"(\w+)"/.exec(message)?.[1] ?? message.slice('Connection failed:'.length).trim();
}

function statusOf({ $metadata }: Record<string, unknown>): number | undefined {
  const status = isRecord($metadata) ? $metadata.httpStatusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** Of an answer that AppSync did not give, or it would have said more: a proxy's, or a captive portal's. It may be gone soon. */
function codeOfStatus(status: number): ErrorCode {
  if (status === 429) return 'TooManyRequests';
  return status === 401 || status === 403 ? 'Unauthorized' : 'ServiceUnavailable';
}

function messageOf(code: ErrorCode, { message }: Record<string, unknown>): string {
  if (code === 'Network') return 'The API did not answer. Check the connection, then try again.';
  if (code === 'Unauthorized') return 'The API does not let you in. Sign in again, then try again.';
  return typeof message === 'string' && message !== '' ? message : code;
}

function firstError(thrown: unknown): Record<string, unknown> {
  if (!isRecord(thrown)) return { message: String(thrown) };
  const first = Array.isArray(thrown.errors) ? thrown.errors[0] : undefined;
  return isRecord(first) ? first : thrown;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
