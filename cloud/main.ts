/** `embedded-cloud`: runs a CDK app on this machine. */
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cloud, type CloudOptions, startCloud, watchInputs } from './index.ts';

const USAGE = `embedded-cloud [OPTIONS]   runs a CDK app on this machine: AppSync, Lambda, DynamoDB, SQS, S3 and more

  --app COMMAND            how the app is run, as of cdk (default: "app" of cdk.json)
  --assembly DIR           a cloud assembly that cdk synth made (cdk.out), in place of running the app
  -c, --context KEY=VALUE  as of cdk; may be given several times
  --port N                 port of the API (default 4000; 0 for any free one)
  --data DIR               data, logs and keys, kept from run to run (default .embedded-cloud)
  --secret NAME.FIELD=TEXT fills an empty field of a secret, by its name or logical id; may be given several times
  --https                  TLS, with a self-signed certificate
  --watch                  brings up what changes in the sources, keeping data and subscriptions
  --help                   this text

It listens on 127.0.0.1 alone. What the template holds and is not emulated stops the start, by its name.`;

const started = performance.now();
const { watch, ...options } = readOptions();
const cloud = await startCloud(options).catch((error) => exitWith(1, explain(error)));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => cloud.stop().then(() => exitWith(0)));
let reloading = Promise.resolve();
if (watch) watchInputs(options.app ?? {}, reload);
console.log(welcome(cloud));

function reload(): void {
  reloading = reloading.then(async () => {
    const begun = performance.now();
    const changed = await cloud.reload().catch((error) => console.error(`${explain(error)}\nThe run before goes on.`));
    if (changed) console.log(`Live again after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  });
}

function readOptions(): CloudOptions & { watch: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        app: { type: 'string' },
        assembly: { type: 'string' },
        context: { type: 'string', short: 'c', multiple: true, default: [] },
        port: { type: 'string', default: '4000' },
        data: { type: 'string', default: '.embedded-cloud' },
        secret: { type: 'string', multiple: true, default: [] },
        https: { type: 'boolean', default: false },
        watch: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) exitWith(0, USAGE);
    if (!/^\d{1,5}$/.test(values.port)) throw new Error(`--port ${values.port}: not a port`);
    if (values.assembly && values.watch) throw new Error('--watch needs the app, not its assembly');
    const dataDir = resolve(values.data);
    return {
      app: { ...(values.app && { command: values.app }), assemblies: resolve(dataDir, 'assemblies') },
      ...(values.assembly && { assemblyDir: resolve(values.assembly) }),
      context: Object.fromEntries(values.context.map((pair) => pairOf('-c', pair))),
      port: Number(values.port),
      dataDir,
      secrets: secretsOf(values.secret),
      https: values.https,
      watch: values.watch,
    };
  } catch (error) {
    exitWith(1, `${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function pairOf(option: string, pair: string): [string, string] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (!key || value === undefined) throw new Error(`${option} ${pair}: not KEY=VALUE`);
  return [key, value];
}

function secretsOf(pairs: string[]): Record<string, Record<string, string>> {
  const secrets: Record<string, Record<string, string>> = {};
  for (const pair of pairs) {
    const [path, text] = pairOf('--secret', pair);
    const [, name, field] = /^(.+)\.([^.]+)$/.exec(path) ?? [];
    if (!name || !field) throw new Error(`--secret ${path}: not NAME.FIELD`);
    secrets[name] = { ...secrets[name], [field]: text };
  }
  return secrets;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE') return `Port ${options.port} is in use; choose one with --port.`;
  return error.message;
}

function welcome({ config, gatewayUrl, operator, outputs, notes, logDir }: Cloud): string {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const leftOut = [...notes.leftOut].map(([type, reason]) => `${type}: ${reason}`);
  const place = notes.madeFor ? [`000000000000/${config.region}, in place of ${notes.madeFor}`] : [];
  return `Ready after ${seconds} s

  GraphQL     ${config.graphqlUrl}
  Realtime    ${config.realtimeUrl}
  API key     ${config.apiKey ?? 'none'}
  A token     curl -s ${options.https ? '-k ' : ''}${config.tokenUrl} -H 'content-type: application/json' -d '{"user":"alice"}'
  Config      ${new URL('/config.json', config.graphqlUrl)}
  AWS calls   AWS_ENDPOINT_URL=${gatewayUrl} AWS_REGION=${config.region} \\
              AWS_ACCESS_KEY_ID=${operator.accessKeyId} AWS_SECRET_ACCESS_KEY=${operator.secretAccessKey}
  Logs        ${relative('', logDir)}
${section(
  'Outputs',
  Object.entries(outputs).map(([name, value]) => `${name} = ${value}`),
)}${section('Left out of the template', leftOut)}${section('Account and region', place)}
Ctrl-C stops everything.`;
}

function section(title: string, lines: string[]): string {
  return lines.length > 0 ? `\n  ${title}\n${lines.map((line) => `    ${line}\n`).join('')}` : '';
}

function exitWith(status: number, text?: string): never {
  if (text) (status === 0 ? console.log : console.error)(text);
  process.exit(status);
}
