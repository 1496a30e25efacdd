import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { App, Context } from './app/app.ts';
import { synthesize } from './app/synthesize.ts';
import type { Route } from './appsync/options.ts';
import { apiOf } from './appsync/resources.ts';
import { type AppSync, startAppSync } from './appsync/startAppSync.ts';
import { type ClientConfig, clientRoutes } from './cognito/clientRoutes.ts';
import { poolOf } from './cognito/resources.ts';
import { startCognito } from './cognito/startCognito.ts';
import { emulatedTypes } from './emulatedTypes.ts';
import { ADMIN_ACCESS_KEY, REGION, SECRET_ACCESS_KEY } from './engine.ts';
import { policiesOf } from './iam/resources.ts';
import { openLog } from './lambda/log.ts';
import { type Functions, openFunctions } from './lambda/openFunctions.ts';
import type { EnvironmentOf, Lambda } from './lambda/startLambda.ts';
import { selfSignedCertificate } from './network/certificate.ts';
import { openListener } from './network/listener.ts';
import { endpointsOf } from './sageMaker/resources.ts';
import { assertSecrets, type SecretValues } from './secretsManager/resources.ts';
import { type AtStop, type Engines, startEngines } from './startEngines.ts';
import type { ResourceTypes } from './template/resourceTypes.ts';
import { deploy } from './template/stack.ts';
import { readTemplate } from './template/template.ts';

export interface CloudOptions {
  /** The CDK app that is synthesized and run. Not given: that of the working directory. */
  app?: App;
  /** Context of the app, as `cdk -c` would be given. */
  context?: Context;
  /** A cloud assembly made before (`cdk.out`), in place of a new one. */
  assemblyDir?: string;
  /** Port of the API; 0, or not given: any free one. */
  port?: number;
  /** What is in it survives a restart. None: a temporary directory, removed at the end. */
  dataDir?: string;
  /** The API speaks TLS with a self-signed certificate. */
  https?: boolean;
  /** What an operator would fill into empty fields of secrets after the deployment; no other field is touched. */
  secrets?: SecretValues;
  /** Variables of functions besides the template's, such as the address of a stand-in for a service outside AWS. */
  environmentOf?: EnvironmentOf;
  /** Pages and the like at the API's port, asked before the API. */
  routes?: readonly Route[];
  /** Joined to the input of each schedule's first run, where data of an earlier run is there: queues are empty then. */
  firstScheduleInput?: object;
}

export interface Cloud {
  /** The same as at /config.json. */
  config: ClientConfig;
  /** Where AWS's SDKs and its command line find the services (`AWS_ENDPOINT_URL`). */
  gatewayUrl: string;
  /** Credentials of the person at the keyboard, who may do everything. */
  operator: { accessKeyId: string; secretAccessKey: string };
  /** Outputs of the template, but for those of resources left out. */
  readonly outputs: Record<string, string>;
  /** What `Ref` gives, by logical id. */
  readonly resources: Record<string, string>;
  /** Functions by name: the template's own, or the logical id without CDK's hash. */
  readonly functions: Lambda['functions'];
  /** A JWT of a user, who need not exist, as from tokenUrl. */
  token: ReturnType<typeof startCognito>['token'];
  readonly iam: Engines['iam'];
  faults: {
    gateway: Engines['gateway']['setFault'];
    appSync: AppSync['setFault'];
    /** Comes back empty, as a cache may. */
    redis: { stop(): Promise<void>; start(): Promise<unknown> };
    /** The processes behind SageMaker's endpoints; the next invocation starts them anew. */
    sageMaker: Pick<Engines['sageMaker'], 'pids' | 'kill'>;
  };
  /**
   * What people may want to know: which Redis; what of the template is left out (type → reason); and the account and region that the app
   * names, in whose place stand the run's own.
   */
  notes: { redis: string; leftOut: Map<string, string>; madeFor: string | undefined };
  /** Path of the certificate, for NODE_EXTRA_CA_CERTS. */
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
  const { app = {}, context, environmentOf, routes = [], secrets = {} } = options;
  let assembly = options.assemblyDir ?? (await synthesize(app, context));
  const { dataDir, logDir, log, onError, ranBefore } = await openHome(options.dataDir, atStop);
  const certificate = await selfSignedCertificate(join(dataDir, 'certificate'));
  const listener = await openListener(options.port ?? 0, options.https ? certificate : undefined);
  atStop(listener.close);
  const graphqlUrl = `${listener.origin}/graphql`;
  const appDirectory = resolve(app.directory ?? '.');
  const engines = await startEngines({ certificate, appDirectory, dataDir, logDir, onError }, atStop);
  const temporaryDir = join(dataDir, 'tmp');
  const functions = openFunctions({ engines, environmentOf, appDirectory, temporaryDir, logDir, onError });

  const types = emulatedTypes(engines, graphqlUrl, secrets);
  const bringUpTemplate = () => deployAssembly(assembly, types, engines, functions, secrets);
  let deployed = await bringUpTemplate();
  engines.setPolicies(deployed.policies);
  const issuerBase = () => listener.origin;
  const cognito = startCognito({ issuerBase, ...poolOf(deployed.stack), keyFile: join(dataDir, 'cognito/key.pem') });
  const config: ClientConfig = {
    graphqlUrl,
    realtimeUrl: `${graphqlUrl.replace('http', 'ws')}/realtime`,
    region: REGION,
    apiKey: deployed.api.apiKeys[0]?.id,
    tokenUrl: `${listener.origin}/token`,
  };
  const server = await startAppSync({
    ...deployed.api,
    invoke: (...call) => deployed.api.invoke(...call),
    listener,
    verifyJwt: cognito.verify,
    secretOf: engines.secretOf,
    isAllowed: engines.may,
    routes: [...routes, clientRoutes(config, cognito)],
    log: log.write,
  });
  atStop(server.stop);
  atStop(functions.stop);
  await engines.sageMaker.serve(deployed.endpoints);
  await functions.start(deployed.stack, ranBefore ? options.firstScheduleInput : undefined);

  async function reload(assemblyDir?: string): Promise<boolean> {
    const before = assembly;
    assembly = assemblyDir ?? (await synthesize(app, context));
    if (assembly === before) return false;
    const next = await bringUpTemplate();
    server.reload(next.api);
    engines.setPolicies(next.policies);
    deployed = next;
    await functions.makeWay();
    await engines.sageMaker.serve(next.endpoints);
    await functions.start(next.stack);
    return true;
  }

  const { gateway, cache, sageMaker } = engines;
  return {
    config,
    gatewayUrl: gateway.url,
    operator: { accessKeyId: ADMIN_ACCESS_KEY, secretAccessKey: SECRET_ACCESS_KEY },
    get outputs() {
      return deployed.stack.outputs();
    },
    get resources() {
      return deployed.stack.physicalIds;
    },
    get functions() {
      return functions.running();
    },
    token: cognito.token,
    get iam() {
      return engines.iam;
    },
    faults: { gateway: gateway.setFault, appSync: server.setFault, redis: cache, sageMaker },
    notes: { redis: cache.kind(), leftOut: deployed.stack.leftOut, madeFor: deployed.madeFor },
    certFile: certificate.certFile,
    logDir,
    reload,
    stop,
  };
}

/** Brings up what keeps data, and reads what else the template says. */
async function deployAssembly(
  assembly: string,
  types: ResourceTypes,
  engines: Engines,
  { invokeAs }: Functions,
  secrets: SecretValues,
) {
  const template = readTemplate(assembly);
  markCommonJs(assembly);
  await engines.s3.uploadAssets(template.assets);
  const stack = await deploy(template, types);
  assertSecrets(stack, secrets);
  const { madeFor } = template;
  return { stack, madeFor, policies: policiesOf(stack), endpoints: endpointsOf(stack), api: apiOf(stack, invokeAs) };
}

/**
 * A `.js` file of a function is CommonJS unless its own package.json says otherwise. Node looks for one in the folders
 * above, too, where on AWS there is nothing, and here may be a project of the type `module`.
 */
function markCommonJs(assembly: string): void {
  const file = join(assembly, 'package.json');
  if (!existsSync(file)) writeFileSync(file, '{ "type": "commonjs" }\n');
}

/** The directories of this run, and its own log. */
async function openHome(given: string | undefined, atStop: AtStop) {
  const dataDir = given ?? (await mkdtemp(join(tmpdir(), 'embedded-cloud-')));
  if (!given) atStop(() => rm(dataDir, { recursive: true, force: true }));
  const ranBefore = existsSync(join(dataDir, 'dynamodb'));
  await rm(join(dataDir, 'tmp'), { recursive: true, force: true });
  const logDir = join(dataDir, 'logs');
  const log = openLog(logDir, 'cloud');
  atStop(log.close);
  const onError = (message: string) => log.write({ level: 'error', message });
  return { dataDir, ranBefore, logDir, log, onError };
}
