import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { watchInputs } from '../cloud/index.ts';
import { type Product, type ProductOptions, productApp, startProduct } from './product.ts';

const USAGE = `npm start [-- OPTIONS]   runs the whole API on this machine

  --port N                 port of the API (default 4000; 0 for any free one)
  --data DIR               data, logs and keys, kept from run to run (default .local/data)
  -c, --context KEY=VALUE  as of cdk, e.g. cache=s3; may be given several times
  --https                  TLS, with a self-signed certificate
  --watch                  brings up what changes in the sources, keeping data and subscriptions
  --help                   this text

With OPENAI_API_KEY (and OPENAI_BASE_URL) set, descriptions come from that service.`;

const started = performance.now();
const { watch, ...options } = readOptions();
const cloud = await startProduct(options).catch((error) => exitWith(1, explain(error)));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => cloud.stop().then(() => exitWith(0)));
let reloading = Promise.resolve();
if (watch) {
  watchInputs(productApp, reload);
  // What was written while the run came up, nobody watched.
  reload();
}
console.log(welcome(cloud));

function reload(): void {
  reloading = reloading.then(async () => {
    const begun = performance.now();
    const changed = await cloud.reload().catch((error) => console.error(`${explain(error)}\nThe run before goes on.`));
    if (changed) console.log(`Live again after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  });
}

function readOptions(): ProductOptions & { watch: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '4000' },
        data: { type: 'string', default: '.local/data' },
        context: { type: 'string', short: 'c', multiple: true, default: [] },
        https: { type: 'boolean', default: false },
        watch: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) exitWith(0, USAGE);
    if (!/^\d{1,5}$/.test(values.port)) throw new Error(`--port ${values.port}: not a port`);
    const context = values.context.map((pair): [string, string] => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      if (!key || value === undefined) throw new Error(`-c ${pair}: not KEY=VALUE`);
      return [key, value];
    });
    const { https, watch } = values;
    return {
      port: Number(values.port),
      dataDir: resolve(values.data),
      context: Object.fromEntries(context),
      https,
      watch,
    };
  } catch (error) {
    exitWith(1, `${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE')
    return `Port ${options.port} is in use. Another one: npm start -- --port 4001`;
  return error.message;
}

function welcome({ config, notes, logDir }: Product): string {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const leftOut = new Set(
    [...notes.leftOut.keys()].map((type) => type.replace(/^AWS::((EC2|CloudWatch|SNS)::.*)?/, '$2')).sort(),
  );
  return `
Skin lesion API, ready after ${seconds} s. Not for diagnosis.

  GraphQL     ${config.graphqlUrl}   (open it in a browser: the playground)
  Realtime    ${config.realtimeUrl}
  API key     ${config.apiKey ?? 'none (apiKey=false)'}
  A token     curl -s ${options.https ? '-k ' : ''}${config.tokenUrl} -H 'content-type: application/json' -d '{"user":"alice"}'
  Config      ${new URL('/config.json', config.graphqlUrl)}

  Redis: ${notes.redis}. OpenAI: ${notes.openAi}.
  Data in ${relative('', options.dataDir ?? '')}, logs in ${relative('', logDir)}.
  Of the template, left out here: ${[...leftOut].join(', ')}.

Ctrl-C stops everything.`;
}

function exitWith(status: number, text?: string): never {
  if (text) (status === 0 ? console.log : console.error)(text);
  process.exit(status);
}
