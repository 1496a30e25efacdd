import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiOf } from './api.ts';
import { startAppSync } from './appsync/server.ts';
import { selfSignedCertificate } from './certificate.ts';
import { type ClientConfig, clientRoutes } from './clientRoutes.ts';
import { createCognito } from './cognito.ts';
import { startDynamoDb } from './dynamodb/startDynamoDb.ts';
import { ADMIN_ACCESS_KEY, REGION, SECRET_ACCESS_KEY } from './engine.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { createIam, type Iam } from './iam.ts';
import { openLog } from './lambda/log.ts';
import { type Lambda, startLambda } from './lambda/startLambda.ts';
import { type OpenAi, startOpenAi } from './openai.ts';
import { startRedis } from './redis.ts';
import { startRelay } from './relay.ts';
import { deploy, policiesOf } from './resources.ts';
import { createS3 } from './s3.ts';
import { createSecretsManager } from './secretsManager.ts';
import { startSqs } from './sqs.ts';
import { type Context, synthesize } from './synthesize.ts';
import { readTemplate } from './template.ts';

export interface CloudOptions {
  /** Of the API; 0 (the default) for any free one. */
  port?: number;
  /** What is in it survives a restart. None: a temporary directory, removed at the end. */
  dataDir?: string;
  /** As `cdk -c` would be given; `apiKey` is on unless it says otherwise. */
  context?: Context;
  /** A cloud assembly made before, in the place of a new one. */
  assemblyDir?: string;
  /** Given, or OPENAI_API_KEY set: the real service is called. An empty key: the secret is empty. */
  openAi?: { apiKey: string; baseUrl?: string };
  /** The API speaks TLS with a self-signed certificate. */
  https?: boolean;
}

export interface Cloud {
  /** The same as at /config.json. */
  config: ClientConfig;
  gatewayUrl: string;
  /** Outputs of the template. */
  outputs: Record<string, string>;
  /** What `Ref` gives, by logical id. */
  resources: Record<string, string>;
  /** By name: the logical id without CDK's hash. */
  functions: Lambda['functions'];
  /** A JWT of a dev user, as from tokenUrl. */
  token: ReturnType<typeof createCognito>['token'];
  iam: Iam;
  faults: {
    gateway: Gateway['setFault'];
    openAi: OpenAi['setFault'];
    /** Comes back empty, as a cache may. */
    redis: { stop(): Promise<void>; start(): Promise<void> };
  };
  /** For people: which Redis, which OpenAI, and what of the template is left out (type → reason). */
  notes: { redis: string; openAi: string; leftOut: Map<string, string> };
  /** Of the certificate, for NODE_EXTRA_CA_CERTS. */
  certFile: string;
  logDir: string;
  stop(): Promise<void>;
}

/** Brings up the synthesized template on the embedded engines. @throws with everything stopped again */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const stops: (() => unknown)[] = [];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    return await bringUp(options, (stopOne) => stops.push(stopOne), stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

type AtStop = (stop: () => unknown) => void;

async function bringUp(options: CloudOptions, atStop: AtStop, stop: () => Promise<void>): Promise<Cloud> {
  const template = readTemplate(options.assemblyDir ?? (await synthesize({ apiKey: 'true', ...options.context })));
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'skin-lesion-api-')));
  if (!options.dataDir) atStop(() => rm(dataDir, { recursive: true, force: true }));
  const within = (name: string) => join(dataDir, name);
  const ranBefore = existsSync(within('dynamodb'));
  const log = openLog(within('logs'), 'cloud');
  atStop(() => log.close());
  const onError = (message: string) => log.write({ level: 'error', message });

  // What is started first asks for these only when it is called.
  let iam = createIam(new Map());
  const starting = Promise.withResolvers<Lambda>();
  const may = (accessKeyId: string, action: string, resource: string) =>
    accessKeyId === ADMIN_ACCESS_KEY || iam.authorize(accessKeyId, action, resource).allowed;
  const secretOf = (accessKeyId: string) =>
    accessKeyId === ADMIN_ACCESS_KEY || policies.has(accessKeyId) ? SECRET_ACCESS_KEY : undefined;

  const certificate = await selfSignedCertificate(within('certificate'));
  const openAi = await chooseOpenAi(options, atStop);
  const cache = await prepareCache(certificate, atStop);
  const dynamoDb = await startDynamoDb({ dataDir: within('dynamodb') });
  atStop(dynamoDb.stop);
  const mayPut = (accessKeyId: string, object: string) => may(accessKeyId, 's3:PutObject', object);
  const mayList = (accessKeyId: string, bucket: string) => may(accessKeyId, 's3:ListBucket', bucket);
  const s3 = createS3({ dataDir: within('s3'), secretOf, mayPut, mayList });
  atStop(s3.stop);
  const secretsManager = createSecretsManager();
  const sqs = await startSqs(() => gateway.url);
  atStop(sqs.stop);
  const gateway = await startGateway({
    engines: [dynamoDb, sqs, s3, secretsManager].map(({ engine }) => engine),
    authorize: (accessKeyId, { action, resource }) => iam.authorize(accessKeyId, action, resource),
    log: onError,
  });
  atStop(gateway.stop);

  const startCache = cache.start;
  const graphqlUrl = () => api.graphqlUrl;
  const engines = { dynamoDb, s3, sqs, secretsManager, startCache, secretValue: openAi.apiKey, graphqlUrl };
  const stack = await deploy(template, engines);
  const policies = policiesOf(stack);
  iam = createIam(policies);
  const cognito = createCognito({
    issuerBase: () => new URL(api.graphqlUrl).origin,
    userPoolId: stack.ids('AWS::Cognito::UserPool')[0] ?? '',
    clientId: stack.ids('AWS::Cognito::UserPoolClient')[0] ?? '',
    keyFile: within('cognito/key.pem'),
  });
  const api = await startAppSync({
    ...apiOf(stack, async (...call) => (await starting.promise).invokeAs(...call)),
    port: options.port ?? 0,
    tls: options.https ? certificate : undefined,
    verifyJwt: cognito.verify,
    secretOf,
    isAllowed: may,
    otherRoutes: clientRoutes(() => config, cognito),
    log: (line) => log.write({ level: 'error', message: line }),
  });
  atStop(api.stop);
  const lambda = await startLambda({
    stack,
    iam,
    dynamoDb,
    gatewayUrl: gateway.url,
    environment: (variables) => ({
      NODE_EXTRA_CA_CERTS: certificate.certFile,
      ...(variables.OPENAI_SECRET_ARN && openAi.baseUrl && { OPENAI_BASE_URL: openAi.baseUrl }),
    }),
    temporaryDir: within('tmp'),
    logDir: within('logs'),
    onError,
  });
  atStop(lambda.stop);
  starting.resolve(lambda);
  await lambda.startSources(ranBefore ? { queuesLost: true } : undefined);

  const config: ClientConfig = {
    graphqlUrl: api.graphqlUrl,
    realtimeUrl: api.realtimeUrl,
    region: REGION,
    apiKey: stack.ids('AWS::AppSync::ApiKey')[0],
    tokenUrl: new URL('/token', api.graphqlUrl).href,
  };
  return {
    config,
    gatewayUrl: gateway.url,
    outputs: stack.outputs(),
    resources: stack.physicalIds,
    functions: lambda.functions,
    token: cognito.token,
    iam,
    faults: { gateway: gateway.setFault, openAi: openAi.setFault, redis: cache.faults },
    notes: { redis: cache.kind(), openAi: openAi.note, leftOut: stack.leftOut },
    certFile: certificate.certFile,
    logDir: within('logs'),
    stop,
  };
}

/** The real service for whom there is a key, else our own. */
async function chooseOpenAi(options: CloudOptions, atStop: AtStop) {
  const { OPENAI_API_KEY, OPENAI_BASE_URL } = process.env;
  const real = options.openAi ?? (OPENAI_API_KEY ? { apiKey: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL } : undefined);
  if (real) return { ...real, note: real.baseUrl ?? 'the real one', setFault: () => {} };
  const local = await startOpenAi();
  atStop(() => local.stop());
  return { apiKey: 'local-openai-key', baseUrl: local.url, note: 'a stand-in of ours', setFault: local.setFault };
}

/** Redis as the functions see it: one address, whatever happens behind it. */
async function prepareCache(certificate: { key: string; cert: string }, atStop: AtStop) {
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
  const relay = await startRelay(() => redis?.port);
  const faults = {
    async start() {
      redis ??= await startRedis({ tls: certificate });
    },
    async stop() {
      const stopping = redis;
      redis = undefined;
      relay.cut();
      await stopping?.stop();
    },
  };
  atStop(async () => {
    await faults.stop();
    relay.stop();
  });
  async function start() {
    await faults.start();
    return { host: '127.0.0.1', port: relay.port };
  }
  return { start, faults, kind: () => redis?.kind ?? 'none' };
}
