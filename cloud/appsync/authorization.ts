import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { ACCESS_KEY_PREFIX, ACCOUNT, REGION } from '../engine.ts';
import { RequestError } from './errors.ts';
import type { AppSyncOptions, AuthMode } from './options.ts';

/** What a caller sends: headers of an HTTP request, or the authorization object of a realtime frame; names in lower case. */
export interface Credentials {
  headers: Record<string, string | undefined>;
  /** An IAM signature covers it, and the body. */
  path: string;
  body: string;
  sourceIp: string;
}

export interface Caller {
  mode: AuthMode;
  /** `ctx.identity`, as AppSync gives it for the mode. */
  identity: Record<string, unknown> | null;
  accessKeyId?: string;
}

const MAX_CLOCK_SKEW_MS = 5 * 60_000;
const SIGNATURE = new RegExp(
  `^AWS4-HMAC-SHA256 Credential=([^/]+)/\\d{8}/${REGION}/appsync/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(.+)$`,
);
const unauthorized = (message = 'You are not authorized to make this call.') =>
  new RequestError(401, 'UnauthorizedException', message);
const badSignature = (message: string) => new RequestError(400, 'BadRequestException', message);

/** @throws RequestError 401 for a bad API key or token, 403 for an unknown access key, 400 for a bad signature. */
export async function authorize(options: AppSyncOptions, credentials: Credentials): Promise<Caller> {
  const { authorization, 'x-api-key': apiKey } = credentials.headers;
  const sourceIp = [credentials.sourceIp];
  if (!authorization && !apiKey) throw unauthorized('Valid authorization header not provided.');
  const mode = !authorization ? 'API_KEY' : authorization.startsWith('AWS4-HMAC-SHA256') ? 'IAM' : 'COGNITO';
  if (mode !== options.defaultAuth && !options.additionalAuth.includes(mode)) throw unauthorized();
  if (mode === 'IAM') return iamCaller(await signingKey(options, credentials), sourceIp);
  if (authorization) return cognitoCaller(await verifiedClaims(options, authorization), sourceIp);
  const key = options.apiKeys.find(({ id }) => id === apiKey);
  if (!key || (key.expiresAt && key.expiresAt * 1000 <= Date.now())) throw unauthorized();
  return { mode, identity: null };
}

async function verifiedClaims(options: AppSyncOptions, token: string): Promise<Record<string, unknown>> {
  try {
    if (options.verifyJwt) return await options.verifyJwt(token);
  } catch (error) {
    options.log?.({ level: 'info', message: `token refused: ${error}` });
  }
  throw unauthorized();
}

function cognitoCaller(claims: Record<string, unknown>, sourceIp: string[]): Caller {
  const username = claims['cognito:username'] ?? claims.username;
  const groups = claims['cognito:groups'] ?? null;
  const identity = { sub: claims.sub, issuer: claims.iss, username, claims, sourceIp, groups };
  return { mode: 'COGNITO', identity: { ...identity, defaultAuthStrategy: 'ALLOW' } };
}

function iamCaller(accessKeyId: string, sourceIp: string[]): Caller {
  const role = accessKeyId.replace(ACCESS_KEY_PREFIX, '');
  const userArn = `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${role}`;
  const noPool = { cognitoIdentityPoolId: null, cognitoIdentityId: null };
  const noProvider = { cognitoIdentityAuthType: null, cognitoIdentityAuthProvider: null };
  const identity = {
    accountId: ACCOUNT,
    username: `${accessKeyId}:${role}`,
    userArn,
    sourceIp,
    ...noPool,
    ...noProvider,
  };
  return { mode: 'IAM', identity, accessKeyId };
}

/** The access key of a POST, whose signature is made again and compared. */
async function signingKey(options: AppSyncOptions, { headers, path, body }: Credentials): Promise<string> {
  const [, accessKeyId, signed = '', signature] = SIGNATURE.exec(headers.authorization ?? '') ?? [];
  if (!accessKeyId) throw badSignature('Credential should be scoped to appsync.');
  const secretAccessKey = options.secretOf(accessKeyId);
  if (secretAccessKey === undefined) {
    throw new RequestError(
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  const datetime = headers['x-amz-date'] ?? '';
  const signedAt = Date.parse(datetime.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(Date.now() - signedAt) <= MAX_CLOCK_SKEW_MS)) {
    throw badSignature(`Signature expired: ${datetime} is not within 5 min. of ${new Date().toISOString()}`);
  }
  // AWS takes the hash that was signed, and then the body only if it is the hash's.
  const bodyHash = headers['x-amz-content-sha256'];
  if (bodyHash !== undefined && bodyHash !== createHash('sha256').update(body).digest('hex')) {
    throw badSignature('The provided x-amz-content-sha256 header does not match what was computed.');
  }
  const names = signed.split(';').filter((name) => name !== 'host');
  const covered = Object.fromEntries(names.map((name) => [name, headers[name] ?? '']));
  const request = { method: 'POST', url: `https://${headers.host}${path}`, headers: covered, body, datetime };
  const scope = { accessKeyId, secretAccessKey, service: 'appsync', region: REGION, allHeaders: true };
  if ((await new AwsV4Signer({ ...request, ...scope }).signature()) === signature) return accessKeyId;
  throw badSignature('The request signature we calculated does not match the signature you provided.');
}
