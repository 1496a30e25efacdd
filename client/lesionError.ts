import { type AnyInfo, type InfoOf, serverErrors } from './generated/contract.ts';

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

/** What S3 said to an upload that it refused. */
export interface UploadRefusal {
  /** HTTP status. */
  status: number;
  /** S3's own error code, e.g. `AccessDenied`. */
  code: string;
}

interface LesionErrorOptions<Code extends ErrorCode> {
  requestId?: string | undefined;
  info?: InfoOf<Code> | undefined;
  upload?: UploadRefusal | undefined;
  cause?: unknown;
}

/** The only error that the client throws. */
export class LesionError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'LesionError';
  readonly code: Code;
  /** Set where the error is about one request that the server knows. */
  readonly requestId: string | undefined;
  /** For programs, e.g. `{ retryable: true, retryAfterSeconds: 12 }`: the same whether the server or the client found it. */
  readonly info: AnyInfo & { readonly retryable: boolean };
  /** Set where it was S3 that refused the photo. */
  readonly upload: UploadRefusal | undefined;

  constructor(code: Code, message: string, { requestId, info, upload, cause }: LesionErrorOptions<Code> = {}) {
    super(message, { cause });
    this.code = code;
    this.requestId = requestId;
    this.info = { retryable: errorCodes[code].retryable, ...info };
    this.upload = upload;
  }

  /** Whether the same call again can succeed. */
  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code);
}
