import { serverErrors } from './generated/contract.ts';

/**
 * Everything that can go wrong, and whether the same call again can help: the server's own list (`errorType` of a
 * GraphQL error, `error.code` of a FAILED request), and what only the client can say.
 */
export const errorCodes = {
  ...serverErrors,
  /** No answer: offline, unreachable, cut off, too slow. */
  Network: { retryable: true },
  /** No token, a token that is not valid (any more), or not allowed. */
  Unauthorized: { retryable: false },
  /** You aborted it, or closed the client. */
  Aborted: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

interface LesionErrorOptions {
  requestId?: string | undefined;
  info?: Readonly<Record<string, unknown>> | undefined;
  cause?: unknown;
}

/** The only error that the client throws. */
export class LesionError extends Error {
  override readonly name = 'LesionError';
  readonly code: ErrorCode;
  /** Set where the error is about one request that the server knows. */
  readonly requestId: string | undefined;
  /** For programs: the server's `errorInfo`, e.g. `{ retryAfterSeconds: 12 }`. */
  readonly info: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, { requestId, info = {}, cause }: LesionErrorOptions = {}) {
    super(message, { cause });
    this.code = code;
    this.requestId = requestId;
    this.info = info;
  }

  /** Whether the same call again can succeed. */
  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code);
}
