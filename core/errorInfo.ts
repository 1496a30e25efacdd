/**
 * What an error tells programs, by its type: `errorInfo` of a GraphQL error, `info` of the client's LesionError. A type
 * that is not listed tells nothing more. The client has this file too, by code generation.
 */
export interface ErrorInfo {
  /** Each argument that is wrong, and why. */
  InvalidInput: { problems?: { argument: string; problem: string }[] };
  /** `maximumBytes` where the file is too large, the others where the picture is: pixels. */
  ImageTooLarge: { maximumBytes?: number; maximumPixels?: number; width?: number; height?: number };
  /** The types that are taken. */
  UnsupportedImage: { contentTypes?: readonly string[] };
  /** The status that stood in the way, or the request that has the photo or token. */
  Conflict: { status?: string; requestId?: string };
  TooManyRequests: { retryAfterSeconds: number };
  ServiceUnavailable: { retryAfterSeconds?: number };
}

export type InfoOf<Type extends string> = Type extends keyof ErrorInfo ? ErrorInfo[Type] : Record<string, never>;
