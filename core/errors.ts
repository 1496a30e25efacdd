import type { AnyInfo, InfoOf } from './errorInfo.ts';

/**
 * The closed list of what can go wrong for a caller: `errorType` of a GraphQL error, `error.code` of a FAILED request.
 * `retryable` says whether the same again can help.
 */
export const errorTypes = {
  InvalidInput: { retryable: false },
  ImageNotFound: { retryable: false },
  ImageTooLarge: { retryable: false },
  UnsupportedImage: { retryable: false },
  UnreadableImage: { retryable: false },
  ImageChanged: { retryable: false },
  Unauthorized: { retryable: false },
  NotFound: { retryable: false },
  Conflict: { retryable: false },
  TooManyRequests: { retryable: true },
  ServiceUnavailable: { retryable: true },
  InferenceFailed: { retryable: true },
  TimedOut: { retryable: false },
  InternalError: { retryable: true },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorType = keyof typeof errorTypes;

/** An error meant for the caller: its message says what to do and holds nothing private. */
export class LesionError<Type extends ErrorType = ErrorType> extends Error {
  readonly type: Type;
  /** For programs, e.g. `{ retryAfterSeconds: 12 }`. */
  readonly info: AnyInfo & { readonly retryable: boolean };

  constructor(type: Type, message: string, options: { info?: InfoOf<Type>; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = type;
    this.type = type;
    this.info = { retryable: errorTypes[type].retryable, ...options.info };
  }

  get retryable(): boolean {
    return errorTypes[this.type].retryable;
  }
}

export function notFound(): LesionError {
  return new LesionError('NotFound', 'You have no such request. Check the id, or list your requests.');
}
