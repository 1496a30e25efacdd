import { AwsV4Signer } from 'aws4fetch';
import * as z from 'zod';
import { ACCESS_KEY_PREFIX, REGION, SECRET_ACCESS_KEY } from '../../cloud/engine.ts';
import type { Product } from '../../local/product.ts';

/** Headers that authorize one POST of `body` to a path of the API: over HTTP as they are, over a socket in a frame. */
export type Caller = (body: string, path?: string) => Promise<Record<string, string>>;

const fieldError = z.looseObject({ message: z.string(), errorType: z.string().nullish() });
const answer = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(fieldError).optional(),
});

/** Where the API is. */
export type Api = { config: Pick<Product['config'], 'graphqlUrl' | 'realtimeUrl'> };

/** What came back for one POST. */
export type Answer = z.infer<typeof answer> & { status: number; errorType: string | null };

export function withToken(token: string): Caller {
  return async () => ({ authorization: token });
}

export function withApiKey(key: string): Caller {
  return async () => ({ 'x-api-key': key });
}

export interface SigningOptions {
  secret?: string;
  service?: string;
  region?: string;
  /** `YYYYMMDDTHHMMSSZ` */
  datetime?: string;
  /** Signed along. */
  headers?: Record<string, string>;
}

/** Signs with SigV4 as the holder of an access key. */
export function withAccessKey(cloud: Api, accessKeyId: string, options: SigningOptions = {}): Caller {
  const { secret = SECRET_ACCESS_KEY, service = 'appsync', region = REGION, datetime, headers = {} } = options;
  const scope = { accessKeyId, secretAccessKey: secret, service, region, ...(datetime && { datetime }) };
  return async (body, path = '/graphql') => {
    const url = new URL(path, cloud.config.graphqlUrl).href;
    const signed = await new AwsV4Signer({ ...scope, url, method: 'POST', headers, body }).sign();
    return Object.fromEntries(signed.headers);
  };
}

/** The access key of a function's role, by the function's name. */
export function accessKeyOf(cloud: Product, functionName: string): string {
  const role = Object.keys(cloud.resources).find((id) => new RegExp(`^${functionName}Role[0-9A-F]{8}$`).test(id));
  if (!role) throw new Error(`The template has no role of ${functionName}`);
  return `${ACCESS_KEY_PREFIX}${role}`;
}

export async function ask(cloud: Api, caller: Caller, query: string, variables: object = {}): Promise<Answer> {
  const body = JSON.stringify({ query, variables });
  return await send(cloud, body, await caller(body));
}

/** A POST of any body, whatever its headers were made for. */
export async function send(cloud: Api, body: string, headers: Record<string, string>): Promise<Answer> {
  const json = { 'content-type': 'application/json' };
  const response = await fetch(cloud.config.graphqlUrl, { method: 'POST', headers: { ...json, ...headers }, body });
  const parsed = answer.parse(await response.json());
  return { ...parsed, status: response.status, errorType: response.headers.get('x-amzn-errortype') };
}
