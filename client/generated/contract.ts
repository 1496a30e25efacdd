// Generated from schema.graphql by `npm run codegen`. Do not edit.
import type { RequestStatus } from './operations.ts';

/** Statuses after which nothing more happens by itself. */
export const endedStatuses = ["COMPLETED","FAILED","CANCELLED","DELETED"] as const satisfies readonly RequestStatus[];

/** Each field of Query and Mutation that a user may ask for. */
export type ApiField = 'getResult' | 'listRequests' | 'getModel' | 'createUpload' | 'submitRequest' | 'cancelRequest' | 'retryRequest' | 'deleteRequest';

/** What the API takes. */
export const limits = {
  "maximumBytes": 20971520,
  "contentTypes": [
    "image/jpeg",
    "image/png",
    "image/webp"
  ]
} as const;

/** The server's errors, and whether the same call again can help. */
export const serverErrors = {
  "InvalidInput": {
    "retryable": false
  },
  "ImageNotFound": {
    "retryable": false
  },
  "ImageTooLarge": {
    "retryable": false
  },
  "UnsupportedImage": {
    "retryable": false
  },
  "UnreadableImage": {
    "retryable": false
  },
  "ImageChanged": {
    "retryable": false
  },
  "Unauthorized": {
    "retryable": false
  },
  "NotFound": {
    "retryable": false
  },
  "Conflict": {
    "retryable": false
  },
  "TooManyRequests": {
    "retryable": true
  },
  "ServiceUnavailable": {
    "retryable": true
  },
  "InferenceFailed": {
    "retryable": true
  },
  "TimedOut": {
    "retryable": false
  },
  "InternalError": {
    "retryable": true
  }
} as const;

/**
 * What an error tells programs beside `retryable`, by its type: `errorInfo` of a GraphQL error, `info` of the client's
 * LesionError. A type that is not listed tells nothing more.
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
