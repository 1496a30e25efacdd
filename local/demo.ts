/** `npm run demo`: brings up the whole API on this machine, sends photos through the real client, and stops. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runDemo } from '../cli/demo.ts';
import { localeValues } from '../client/generated/enums.ts';
import type { Locale } from '../client/request.ts';
import { startProduct } from './product.ts';

const usage = `npm run demo -- [PHOTO…] [options]

Brings up the API on this machine, submits the photos with the real client, shows each status as it is pushed
and then the results, and stops. Without a PHOTO: a synthetic sample.

  --describe      ask for a description in plain language
  --locale CODE   its language: ${localeValues.join(', ')}
  --push-only     take what is pushed, read nothing
  --json          one JSON object a line (npm's own lines go with npm run -s)
  --help          this

Set OPENAI_API_KEY to have a real LLM describe. This is not a medical device and gives no diagnosis.`;

const sample = fileURLToPath(new URL('../samples/synthetic-lesion.jpg', import.meta.url));

interface Arguments {
  photos: string[];
  describe: boolean;
  locale: Locale;
  pushOnly: boolean;
  json: boolean;
}

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      describe: { type: 'boolean', default: false },
      locale: { type: 'string', default: 'en' },
      'push-only': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  const locale = localeValues.find((code) => code === values.locale);
  if (!locale) throw new Error(`--locale takes one of ${localeValues.join(', ')}, not ${values.locale}`);
  const missing = positionals.find((photo) => !existsSync(photo));
  if (missing) throw new Error(`There is no file ${missing}`);
  // Without a photo there is nothing to choose either: show everything, the description too.
  const describe = values.describe || positionals.length === 0;
  return { photos: positionals, describe, locale, pushOnly: values['push-only'], json: values.json };
}

async function main(): Promise<number> {
  const { photos, json, ...options } = readArguments();
  const say = (line: string) => json || console.log(line);
  say('Bringing up the API on this machine …');
  const started = performance.now();
  const cloud = await startProduct();
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  try {
    say(`Up after ${((performance.now() - started) / 1000).toFixed(1)} s: ${cloud.config.graphqlUrl}`);
    say(`Redis: ${cloud.notes.redis}. OpenAI: ${cloud.notes.openAi}.`);
    if (photos.length === 0)
      say('No photo given: this is a synthetic sample, drawn by a program. It shows no real lesion.');
    const { graphqlUrl, region } = cloud.config;
    const config = { graphqlUrl, region, token: () => cloud.token('demo') };
    return await runDemo(config, photos.length > 0 ? photos : [sample], { ...options, json, signal: stopping.signal });
  } finally {
    await cloud.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.error('See npm run demo -- --help');
    process.exit(1);
  },
);
