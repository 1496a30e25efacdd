import { AwsClient } from 'aws4fetch';
import { generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { ACCESS_KEY_PREFIX, SECRET_ACCESS_KEY } from '../../engine.ts';
import { type AppSync, type AppSyncOptions, startAppSync } from '../startAppSync.ts';

const SCHEMA = `
type Query {
  getNote(id: ID!): Note @aws_cognito_user_pools @aws_api_key @aws_iam
  echo(json: AWSJSON, at: AWSDateTime, link: AWSURL): Note @aws_api_key
  slow: String @aws_api_key
  bad(kind: String!): String @aws_api_key
  context(n: Int = 3): String @aws_cognito_user_pools @aws_api_key @aws_iam
  mine: String
}
type Mutation { publishNote(note: AWSJSON!): Note @aws_iam }
type Subscription {
  onNote(id: ID): Note @aws_subscribe(mutations: ["publishNote"]) @aws_cognito_user_pools @aws_api_key @aws_iam
  onAnyNote(id: ID, kind: String = "memo"): Note @aws_subscribe(mutations: ["publishNote"]) @aws_api_key
  onAll: Note @aws_subscribe(mutations: ["publishNote"]) @aws_api_key @aws_iam
  onDenied: Note @aws_subscribe(mutations: ["publishNote"]) @aws_cognito_user_pools @aws_api_key
}
type Note @aws_cognito_user_pools @aws_iam @aws_api_key {
  id: ID!
  owner: String!
  kind: String
  text: String
  version: Int
  at: AWSDateTime
  link: AWSURL
  child: Note
  plain: Plain
  internal: Internal
  tags: [Tag!]
}
type Plain { value: String }
type Internal @aws_iam { value: String }
type Tag @aws_cognito_user_pools @aws_iam @aws_api_key { name: String! }
`;

const lambda = `
import { util } from '@aws-appsync/utils';
export function request(ctx) {
  const { source, identity, info, prev, stash } = ctx;
  return { operation: 'Invoke', payload: { arguments: ctx.args, source, identity, request: ctx.request, info, prev, stash } };
}
export function response(ctx) {
  if (ctx.error) util.error(ctx.error.message, ctx.error.type);
  const { data, error } = ctx.result;
  if (error) util.error(error.message, error.type, error.data, error.errorInfo);
  return data;
}`;

const publish = `
export const request = (ctx) => ({ payload: ctx.args.note });
export const response = (ctx) => ctx.result;`;

const ownFilter = `
import { util, extensions } from '@aws-appsync/utils';
export function request() { return { payload: null }; }
export function response(ctx) {
  const filter = { owner: { eq: ctx.identity ? 'cognito#' + (ctx.identity.sub ?? 'nobody') : 'apikey' } };
  if (ctx.args.id) filter.id = { eq: ctx.args.id };
  extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter(filter));
  return null;
}`;

const denied = `
import { util } from '@aws-appsync/utils';
export const request = () => util.unauthorized();
export const response = () => null;`;

const { publicKey, privateKey } = await generateKeyPair('RS256');
const ISSUER = 'http://127.0.0.1/pool';
const verifyJwt = async (token: string) =>
  (await jwtVerify(token, publicKey, { algorithms: ['RS256'], issuer: ISSUER })).payload;

/** A token of the test's own pool for the user `sub`. */
export function tokenFor(sub: string, { expires = '1h', key = privateKey } = {}): Promise<string> {
  return new SignJWT({ token_use: 'access', client_id: 'app', username: sub, 'cognito:groups': ['staff'] })
    .setProtectedHeader({ alg: 'RS256' })
    .setSubject(sub)
    .setIssuer(ISSUER)
    .setExpirationTime(expires)
    .sign(key);
}

export const PUBLISHER = `${ACCESS_KEY_PREFIX}Publisher`;
export const OUTSIDER = `${ACCESS_KEY_PREFIX}Outsider`;

export type Invoke = AppSyncOptions['invoke'];

const fields = ['getNote', 'echo', 'slow', 'bad', 'context', 'mine'];
export const resolvers: AppSyncOptions['resolvers'] = [
  ...fields.map((fieldName) => {
    const dataSource = { type: 'AWS_LAMBDA' as const, functionName: fieldName };
    return { typeName: 'Query', fieldName, code: lambda, dataSource };
  }),
  { typeName: 'Mutation', fieldName: 'publishNote', code: publish, dataSource: { type: 'NONE' } },
  { typeName: 'Subscription', fieldName: 'onNote', code: ownFilter, dataSource: { type: 'NONE' } },
  { typeName: 'Subscription', fieldName: 'onDenied', code: denied, dataSource: { type: 'NONE' } },
];

export const options: AppSyncOptions = {
  port: 0,
  schema: SCHEMA,
  defaultAuth: 'COGNITO',
  additionalAuth: ['IAM', 'API_KEY'],
  apiKeys: [{ id: 'da2-good' }, { id: 'da2-old', expiresAt: 1_000_000_000 }],
  verifyJwt,
  secretOf: (key) => (key.startsWith(ACCESS_KEY_PREFIX) ? SECRET_ACCESS_KEY : undefined),
  isAllowed: (key, action, resource) =>
    key === PUBLISHER &&
    action === 'appsync:GraphQL' &&
    /^arn:aws:appsync:us-east-1:\d{12}:apis\/api1\//.test(resource),
  apiId: 'api1',
  resolvers,
  invoke: async (functionName) => {
    throw new Error(`no function ${functionName}`);
  },
  introspection: true,
};

/** Starts the test API, and stops it when `await using` leaves the scope. */
export async function startFixture(changes: Partial<AppSyncOptions> = {}): Promise<AppSync & AsyncDisposable> {
  const server = await startAppSync({ ...options, ...changes });
  return { ...server, [Symbol.asyncDispose]: server.stop };
}

export interface Answer {
  status: number;
  errorType: string | null;
  data: Record<string, unknown> | null | undefined;
  errors: Record<string, unknown>[] | undefined;
}

async function toAnswer(response: Response): Promise<Answer> {
  const body = await response.json();
  return {
    status: response.status,
    errorType: response.headers.get('x-amzn-errortype'),
    data: body.data,
    errors: body.errors,
  };
}

export async function post(
  { graphqlUrl }: AppSync,
  headers: Record<string, string>,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const body = JSON.stringify({ query, variables });
  return toAnswer(await fetch(graphqlUrl, { method: 'POST', headers, body }));
}

export const API_KEY = { 'x-api-key': 'da2-good' };

/** POSTs with an IAM signature; `datetime` as `YYYYMMDDTHHMMSSZ`. */
export async function postSigned(
  { graphqlUrl }: AppSync,
  query: string,
  variables: Record<string, unknown> = {},
  { accessKeyId = PUBLISHER, secretAccessKey = SECRET_ACCESS_KEY, datetime = undefined as string | undefined } = {},
): Promise<Answer> {
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: 'appsync', region: 'us-east-1', retries: 0 });
  const body = JSON.stringify({ query, variables });
  return toAnswer(await client.fetch(graphqlUrl, { method: 'POST', body, ...(datetime && { aws: { datetime } }) }));
}

const ALL = 'id owner kind text version';

/** Publishes a note as the publisher does: IAM, every field selected unless told otherwise. */
export function publishNote(server: AppSync, note: object, selection = ALL): Promise<Answer> {
  const query = `mutation P($note: AWSJSON!) { publishNote(note: $note) { ${selection} } }`;
  return postSigned(server, query, { note: JSON.stringify(note) });
}

export type Frame = { type: string; id?: string; payload?: Record<string, unknown> };

/** One realtime connection, spoken by hand. */
export interface Wire extends AsyncDisposable {
  send(frame: object): void;
  /** The next frame that is no keep-alive, or the next keep-alive. */
  next(type?: 'ka'): Promise<Frame>;
  start(id: string, query: string, headers?: Record<string, string>, variables?: object): void;
  closed: Promise<void>;
}

export function headerProtocol(header: object): string {
  return `header-${Buffer.from(JSON.stringify(header)).toString('base64url')}`;
}

export async function openWire(
  server: AppSync,
  given: Partial<{ url: string; protocols: string[]; headers: object }> = {},
) {
  const host = new URL(server.graphqlUrl).host;
  const protocols = given.protocols ?? ['graphql-ws', headerProtocol({ host, ...API_KEY })];
  const socket = new WebSocket(given.url ?? server.realtimeUrl, protocols, { headers: { ...given.headers } });
  const frames: Frame[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)));
    wake();
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const wire: Wire = {
    closed,
    send: (frame) => socket.send(JSON.stringify(frame)),
    next: async (type) => {
      for (;;) {
        const index = frames.findIndex((frame) => (frame.type === 'ka') === (type === 'ka'));
        const [frame] = index >= 0 ? frames.splice(index, 1) : [];
        if (frame) return frame;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    start: (id, query, headers = API_KEY, variables = {}) => {
      const data = JSON.stringify({ query, variables });
      wire.send({ id, type: 'start', payload: { data, extensions: { authorization: { host, ...headers } } } });
    },
    [Symbol.asyncDispose]: async () => {
      socket.terminate();
      await closed;
    },
  };
  return wire;
}

/** A wire that has said hello. */
export async function connectWire(server: AppSync): Promise<Wire> {
  const wire = await openWire(server);
  wire.send({ type: 'connection_init' });
  await wire.next();
  return wire;
}
