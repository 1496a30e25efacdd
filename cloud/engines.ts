import { join } from 'node:path';
import { startOpenAi } from '../local/openai/openai.ts';
import { startDynamoDb } from './dynamodb/startDynamoDb.ts';
import { ADMIN_ACCESS_KEY, SECRET_ACCESS_KEY } from './engine.ts';
import { startGateway } from './gateway/gateway.ts';
import { createIam, type PolicyDocument } from './iam/iam.ts';
import { selfSignedCertificate } from './network/certificate.ts';
import { startRelay } from './network/relay.ts';
import { startRedis } from './redis/startRedis.ts';
import { createS3 } from './s3/createS3.ts';
import { createSageMaker } from './sageMaker/createSageMaker.ts';
import { createSecretsManager } from './secretsManager/createSecretsManager.ts';
import { startSqs } from './sqs/startSqs.ts';

/** Takes what is to be stopped, in the order of starting. */
export type AtStop = (stop: () => unknown) => void;

export interface EnginesOptions {
  dataDir: string;
  logDir: string;
  openAi?: { apiKey: string; baseUrl?: string };
  onError(message: string): void;
}

export type Engines = Awaited<ReturnType<typeof startEngines>>;

/** Everything that lasts while code and template change: stores, gateway, cache, OpenAI. */
export async function startEngines({ dataDir, logDir, openAi: chosen, onError }: EnginesOptions, atStop: AtStop) {
  let policies = new Map<string, PolicyDocument[]>();
  let iam = createIam(policies);
  const may = (accessKeyId: string, action: string, resource: string) =>
    accessKeyId === ADMIN_ACCESS_KEY || iam.authorize(accessKeyId, action, resource).allowed;
  const secretOf = (accessKeyId: string) =>
    accessKeyId === ADMIN_ACCESS_KEY || policies.has(accessKeyId) ? SECRET_ACCESS_KEY : undefined;

  const certificate = await selfSignedCertificate(join(dataDir, 'certificate'));
  const openAi = await chooseOpenAi(chosen, atStop);
  const cache = await prepareCache(certificate, atStop);
  const dynamoDb = await startDynamoDb({ dataDir: join(dataDir, 'dynamodb') });
  atStop(dynamoDb.stop);
  const mayPut = (accessKeyId: string, object: string) => may(accessKeyId, 's3:PutObject', object);
  const mayList = (accessKeyId: string, bucket: string) => may(accessKeyId, 's3:ListBucket', bucket);
  const s3 = createS3({ dataDir: join(dataDir, 's3'), secretOf, mayPut, mayList });
  atStop(s3.stop);
  const secretsManager = createSecretsManager();
  const sageMaker = createSageMaker({ directory: join(dataDir, 'sagemaker'), logDir, may });
  atStop(sageMaker.stop);
  const sqs = await startSqs(() => gateway.url);
  atStop(sqs.stop);
  const gateway = await startGateway({
    engines: [dynamoDb, sqs, s3, secretsManager, sageMaker].map(({ engine }) => engine),
    authorize: (accessKeyId, { action, resource }) => iam.authorize(accessKeyId, action, resource),
    log: onError,
  });
  atStop(gateway.stop);

  return {
    certificate,
    openAi,
    cache,
    dynamoDb,
    s3,
    secretsManager,
    sageMaker,
    sqs,
    gateway,
    /** Whether a caller may do something; recorded as a use of the grant. */
    may,
    /** The secret of an access key that there is. */
    secretOf,
    get iam() {
      return iam;
    },
    setPolicies(byAccessKey: Map<string, PolicyDocument[]>) {
      policies = byAccessKey;
      iam = createIam(policies);
    },
  };
}

/** The real service for whom there is a key, else our own. */
async function chooseOpenAi(chosen: EnginesOptions['openAi'], atStop: AtStop) {
  const { OPENAI_API_KEY, OPENAI_BASE_URL } = process.env;
  const real = chosen ?? (OPENAI_API_KEY ? { apiKey: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL } : undefined);
  if (real) return { ...real, note: real.baseUrl ?? 'the real one', setFault: undefined };
  const own = await startOpenAi();
  atStop(own.stop);
  return { apiKey: 'local-openai-key', baseUrl: own.url, note: 'a stand-in of ours', setFault: own.setFault };
}

/** Redis as the functions see it: one address, whatever happens behind it. */
async function prepareCache(certificate: { key: string; cert: string }, atStop: AtStop) {
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
  const relay = await startRelay(() => redis?.port);
  async function start() {
    redis ??= await startRedis({ tls: certificate });
    return { host: '127.0.0.1', port: relay.port };
  }
  async function stop() {
    const stopping = redis;
    redis = undefined;
    relay.cut();
    await stopping?.stop();
  }
  atStop(relay.stop);
  atStop(stop);
  return { start, stop, kind: () => redis?.kind ?? 'none' };
}
