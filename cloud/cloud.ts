import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientConfig, clientRoutes } from '../local/clientRoutes.ts';
import { type Context, synthesize } from '../local/synthesize.ts';
import { apiOf } from './appsync/api.ts';
import { type AppSync, startAppSync } from './appsync/server.ts';
import { createCognito } from './cognito/cognito.ts';
import { REGION } from './engine.ts';
import { type AtStop, type Engines, startEngines } from './engines.ts';
import { openLog } from './lambda/log.ts';
import { type Lambda, startLambda } from './lambda/startLambda.ts';
import { endpointsOf } from './sageMaker/endpoints.ts';
import { deploy, policiesOf } from './template/resources.ts';
import { readTemplate } from './template/template.ts';

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
  /** Outputs of the template, but for those of resources left out. */
  outputs: Record<string, string>;
  /** What `Ref` gives, by logical id. */
  resources: Record<string, string>;
  /** By name: the logical id without CDK's hash. */
  readonly functions: Lambda['functions'];
  /** A JWT of a dev user, as from tokenUrl. */
  token: ReturnType<typeof createCognito>['token'];
  readonly iam: Engines['iam'];
  faults: {
    gateway: Engines['gateway']['setFault'];
    appSync: AppSync['setFault'];
    /** Undefined where the real service is called. */
    openAi: Engines['openAi']['setFault'];
    /** Comes back empty, as a cache may. */
    redis: { stop(): Promise<void>; start(): Promise<unknown> };
    /** The processes behind SageMaker's endpoints; the next invocation starts them anew. */
    sageMaker: Pick<Engines['sageMaker'], 'pids' | 'kill'>;
  };
  /** For people: which Redis, which OpenAI, and what of the template is left out (type → reason). */
  notes: { redis: string; openAi: string; leftOut: Map<string, string> };
  /** Of the certificate, for NODE_EXTRA_CA_CERTS. */
  certFile: string;
  logDir: string;
  /** Brings up what the sources (or another assembly) give now; data and open subscriptions stay. False: nothing changed. */
  reload(assemblyDir?: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** Brings up the synthesized template on the embedded engines. @throws with everything stopped again */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const stops: (() => unknown)[] = [];
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    for (const stopOne of stops.reverse()) await stopOne();
  };
  const stop = () => (stopping ??= stopAll());
  try {
    return await bringUp(options, (stopOne) => stops.push(stopOne), stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bringUp(options: CloudOptions, atStop: AtStop, stop: () => Promise<void>): Promise<Cloud> {
  const assemble = () => synthesize({ apiKey: 'true', ...options.context });
  let assembly = options.assemblyDir ?? (await assemble());
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'skin-lesion-api-')));
  if (!options.dataDir) atStop(() => rm(dataDir, { recursive: true, force: true }));
  const ranBefore = existsSync(join(dataDir, 'dynamodb'));
  const logDir = join(dataDir, 'logs');
  const log = openLog(logDir, 'cloud');
  atStop(log.close);
  const onError = (message: string) => log.write({ level: 'error', message });
  const engines = await startEngines({ dataDir, logDir, openAi: options.openAi, onError }, atStop);

  let functions = Promise.withResolvers<Lambda>();
  let deployed = await deployAssembly();
  engines.setPolicies(deployed.policies);
  const idOf = (type: string) => deployed.stack.ids(type)[0];
  const cognito = createCognito({
    issuerBase: () => new URL(server.graphqlUrl).origin,
    userPoolId: idOf('AWS::Cognito::UserPool') ?? '',
    clientId: idOf('AWS::Cognito::UserPoolClient') ?? '',
    keyFile: join(dataDir, 'cognito/key.pem'),
  });
  const server = await startAppSync({
    ...deployed.api,
    invoke: (...call) => deployed.api.invoke(...call),
    port: options.port ?? 0,
    tls: options.https ? engines.certificate : undefined,
    verifyJwt: cognito.verify,
    secretOf: engines.secretOf,
    isAllowed: engines.may,
    otherRoutes: clientRoutes(() => config, cognito),
    log: (line) => log.write({ level: 'error', message: line }),
  });
  atStop(server.stop);
  const temporaryDir = join(dataDir, 'tmp');
  await rm(temporaryDir, { recursive: true, force: true });
  let lambda: Lambda | undefined;
  /** That one, and those before it in which something still runs. */
  const lambdas = new Set<Lambda>();
  atStop(() => Promise.all([...lambdas].map((one) => one.stop())));
  await startFunctions(ranBefore ? { queuesLost: true } : undefined);

  async function deployAssembly() {
    const graphqlUrl = () => server.graphqlUrl;
    const stack = await deploy(readTemplate(assembly), { ...engines, graphqlUrl });
    return {
      stack,
      policies: policiesOf(stack),
      endpoints: endpointsOf(stack),
      api: apiOf(stack, async (...call) => (await functions.promise).invokeAs(...call)),
    };
  }

  async function startFunctions(firstInput?: object): Promise<void> {
    await engines.sageMaker.serve(deployed.endpoints);
    lambda = await startLambda({ stack: deployed.stack, engines, temporaryDir, logDir, onError });
    lambdas.add(lambda);
    functions.resolve(lambda);
    await lambda.startSources(firstInput);
  }

  async function reload(assemblyDir?: string): Promise<boolean> {
    const before = assembly;
    assembly = assemblyDir ?? (await assemble());
    if (assembly === before) return false;
    const next = await deployAssembly();
    server.reload(next.api);
    engines.setPolicies(next.policies);
    deployed = next;
    functions = Promise.withResolvers();
    if (lambda) await retire(lambda);
    await startFunctions();
    return true;
  }

  async function retire(before: Lambda): Promise<void> {
    const { ended } = await before.retire();
    ended.then(() => lambdas.delete(before)).catch((error) => onError(String(error)));
  }

  const { graphqlUrl, realtimeUrl } = server;
  const tokenUrl = new URL('/token', graphqlUrl).href;
  const config = { graphqlUrl, realtimeUrl, region: REGION, apiKey: idOf('AWS::AppSync::ApiKey'), tokenUrl };
  const { gateway, openAi, cache, sageMaker, certificate } = engines;
  return {
    config,
    gatewayUrl: gateway.url,
    outputs: deployed.stack.outputs(),
    resources: deployed.stack.physicalIds,
    get functions() {
      return lambda?.functions ?? new Map();
    },
    token: cognito.token,
    get iam() {
      return engines.iam;
    },
    faults: { gateway: gateway.setFault, appSync: server.setFault, openAi: openAi.setFault, redis: cache, sageMaker },
    notes: { redis: cache.kind(), openAi: openAi.note, leftOut: deployed.stack.leftOut },
    certFile: certificate.certFile,
    logDir,
    reload,
    stop,
  };
}
