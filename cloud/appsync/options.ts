import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Listener } from '../network/listener.ts';

export type AuthMode = 'COGNITO' | 'IAM' | 'API_KEY';
export type DataSource = { type: 'NONE' } | { type: 'AWS_LAMBDA'; functionName: string };
type Invocation = { payload: unknown } | { functionError: { errorType: string; errorMessage: string } };

/** Answers a request of the port, or leaves it to others (false). */
export type Route = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

export interface AppSyncOptions {
  /** Open already; else one is opened. */
  listener?: Listener;
  /** On 127.0.0.1; not given, or 0: any free one. */
  port?: number;
  /** PEM. Given: https and wss. */
  tls?: { key: string; cert: string };
  /** SDL as in the template. */
  schema: string;
  defaultAuth: AuthMode;
  additionalAuth: AuthMode[];
  /** expiresAt: epoch seconds. */
  apiKeys: { id: string; expiresAt?: number }[];
  /** A token's claims. Throws where signature, issuer, expiry, token_use or client id are wrong. */
  verifyJwt?(token: string): Promise<Record<string, unknown>>;
  /** The secret that an access key signs with; undefined: no such key. */
  secretOf(accessKeyId: string): string | undefined;
  /** Whether the key's role may do `appsync:GraphQL` on the ARN of a field. */
  isAllowed(accessKeyId: string, action: string, resourceArn: string): boolean;
  apiId: string;
  /** Unit resolvers; code: APPSYNC_JS 1.0.0 that exports `request` and `response`. */
  resolvers: { typeName: string; fieldName: string; code: string; dataSource: DataSource }[];
  /** Calls a function as the data source's role may. */
  invoke(functionName: string, event: unknown): Promise<Invocation>;
  /** Not given, or 0: none. */
  queryDepthLimit?: number;
  /** Not given, or 0: 10,000. */
  resolverCountLimit?: number;
  introspection: boolean;
  /** Between two keep-alive frames; 60,000 if not given. */
  keepAliveMs?: number;
  /** What a Lambda resolver may take; 30,000 if not given. */
  resolverTimeoutMs?: number;
  /** Asked before the API itself, in their order. */
  routes?: readonly Route[];
  /** What went wrong, and what resolvers said to `console`. */
  log?(line: { level: string; message: unknown }): void;
}
