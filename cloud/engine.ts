/** One call that reached the gateway, its body read whole. */
export interface AwsCall {
  /** Signing name from the credential scope: `dynamodb`, `sqs`, `s3`, `secretsmanager`, `sagemaker`, `appsync`. */
  service: string;
  /** The access key it was signed with; undefined for an anonymous call such as a presigned POST. */
  accessKeyId: string | undefined;
  method: string;
  /** Path and query as sent. */
  url: URL;
  headers: Record<string, string | undefined>;
  body: Buffer;
  /** Aborted when the caller hangs up before it has its answer. */
  gone?: AbortSignal;
}

export interface AwsAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

/** Answers in the engine's place, hangs up, or (undefined) lets the call pass: for tests of failing services. */
export type Fault = (call: AwsCall) => Promise<AwsAnswer | 'hangup' | undefined> | undefined;

/** What a caller must be allowed for a call, in IAM's terms. */
export interface RequiredGrant {
  /** e.g. `dynamodb:PutItem` */
  action: string;
  /** ARN, e.g. of the table or of one S3 object. */
  resource: string;
}

/** An embedded service behind the gateway. The gateway authorizes; the engine answers. */
export interface AwsEngine {
  service: string;
  requiredGrants(call: AwsCall): RequiredGrant[];
  /** The service's own error shape for a refusal or a failure. */
  errorAnswer(status: number, code: string, message: string): AwsAnswer;
  handle(call: AwsCall): Promise<AwsAnswer>;
}

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';

/** Every access key: `AKIALOCAL` and the caller's role's logical id; the secret is the same for all. */
export const ACCESS_KEY_PREFIX = 'AKIALOCAL';
export const SECRET_ACCESS_KEY = 'local-secret-access-key';
/** The person at the keyboard: tests, command line, the run itself. Allowed everything. */
export const ADMIN_ACCESS_KEY = `${ACCESS_KEY_PREFIX}ADMIN`;

export function arn(service: string, resource: string): string {
  return service === 's3' ? `arn:aws:s3:::${resource}` : `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}
