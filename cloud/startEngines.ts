import { join } from 'node:path';
import { startDynamoDb } from './dynamodb/startDynamoDb.ts';
import { ADMIN_ACCESS_KEY, SECRET_ACCESS_KEY } from './engine.ts';
import { startGateway } from './gateway/startGateway.ts';
import { type PolicyDocument, startIam } from './iam/startIam.ts';
import type { Certificate } from './network/certificate.ts';
import { startCache } from './redis/startCache.ts';
import { startS3 } from './s3/startS3.ts';
import { startSageMaker } from './sageMaker/startSageMaker.ts';
import { startSecretsManager } from './secretsManager/startSecretsManager.ts';
import { startSqs } from './sqs/startSqs.ts';

/** Takes what is to be stopped, in the order of starting. */
export type AtStop = (stop: () => unknown) => void;

export interface EnginesOptions {
  /** The certificate of whoever speaks TLS here. */
  certificate: Certificate;
  /** What relative paths of the template are relative to. */
  appDirectory: string;
  dataDir: string;
  logDir: string;
  onError(message: string): void;
}

export type Engines = Awaited<ReturnType<typeof startEngines>>;

/** Everything that lasts while code and template change: stores, gateway, cache. */
export async function startEngines(options: EnginesOptions, atStop: AtStop) {
  const { certificate, appDirectory, dataDir, logDir, onError } = options;
  let policies = new Map<string, PolicyDocument[]>();
  let iam = startIam(policies);
  const may = (accessKeyId: string, action: string, resource: string) =>
    accessKeyId === ADMIN_ACCESS_KEY || iam.authorize(accessKeyId, action, resource).allowed;
  const secretOf = (accessKeyId: string) =>
    accessKeyId === ADMIN_ACCESS_KEY || policies.has(accessKeyId) ? SECRET_ACCESS_KEY : undefined;

  const cache = await startCache(certificate);
  atStop(cache.close);
  const dynamoDb = await startDynamoDb({ dataDir: join(dataDir, 'dynamodb') });
  atStop(dynamoDb.stop);
  const mayPut = (accessKeyId: string, object: string) => may(accessKeyId, 's3:PutObject', object);
  const mayList = (accessKeyId: string, bucket: string) => may(accessKeyId, 's3:ListBucket', bucket);
  const s3 = startS3({ dataDir: join(dataDir, 's3'), secretOf, mayPut, mayList });
  atStop(s3.stop);
  const secretsManager = startSecretsManager();
  const sageMaker = startSageMaker({ appDirectory, directory: join(dataDir, 'sagemaker'), logDir, may });
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
      iam = startIam(policies);
    },
  };
}
