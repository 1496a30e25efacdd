import type { RequestStatus } from './generated/schema.ts';

/**
 * What an error tells programs beside `retryable`, by its type: `errorInfo` of a GraphQL error, `info` of the client's
 * LesionError. A type that is not listed tells nothing more. The client has this file too, by code generation.
 */
export interface ErrorInfo {
  /** Each argument that is wrong, and why. */
  InvalidInput: { problems?: { argument: string; problem: string }[] };
  /** `maximumBytes` where the file is too large, the others where the picture is: pixels. */
  ImageTooLarge: { maximumBytes?: number; maximumPixels?: number; width?: number; height?: number };
  /** The types that are taken. */
  UnsupportedImage: { contentTypes?: readonly string[] };
  /** The status that stood in the way, or the request that has the photo or token. */
  Conflict: { status?: RequestStatus; requestId?: string };
  TooManyRequests: { retryAfterSeconds?: number };
  ServiceUnavailable: { retryAfterSeconds?: number };
}

/** What an error may tell whose type is not looked at: every field that one of them has. */
export type AnyInfo = InfoOf<keyof ErrorInfo>;

/** What errors of this type, or of one of these types, may tell. */
export type InfoOf<Type extends string> = [Listed<Type>] extends [never]
  ? Record<string, never>
  : { readonly [Name in FieldOf<Listed<Type>>]?: ValueOf<Listed<Type>, Name> };

type Listed<Type> = Extract<Type, keyof ErrorInfo>;
type FieldOf<Type> = Type extends keyof ErrorInfo ? keyof ErrorInfo[Type] : never;
type ValueOf<Type, Name> = Type extends keyof ErrorInfo
  ? Name extends keyof ErrorInfo[Type]
    ? ErrorInfo[Type][Name]
    : never
  : never;
