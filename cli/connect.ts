import { LesionError } from '../client/lesionError.ts';
import type { ClientConfig } from '../client/transport/clientConfig.ts';

/** What a local API says of itself at /config.json. */
interface LocalConfig {
  graphqlUrl: string;
  region?: string;
  tokenUrl?: string;
}

interface ConnectOptions {
  url?: string | undefined;
  user?: string | undefined;
  token?: string | undefined;
  apiKey?: string | undefined;
}

const LOCAL_CONFIG = 'http://127.0.0.1:4000/config.json';
const LOCAL_USER = 'demo';

/**
 * Where to call and as whom: a URL with a token or an API key, or a local API, which gives out tokens for any name.
 *
 * @throws LesionError InvalidInput where that is not enough to go by
 */
export async function connect(options: ConnectOptions, env: NodeJS.ProcessEnv = process.env): Promise<ClientConfig> {
  const url = options.url ?? env.SKIN_LESION_API_URL;
  const token = options.token ?? env.SKIN_LESION_API_TOKEN;
  const apiKey = options.apiKey ?? env.SKIN_LESION_API_KEY;
  if (options.user || !(token || apiKey)) return localClientConfig(await fetchLocalConfig(url), options.user);
  const graphqlUrl = url ?? (await fetchLocalConfig()).graphqlUrl;
  return token ? { graphqlUrl, token: async () => token } : { graphqlUrl, apiKey: apiKey ?? '' };
}

/** Signs in at a local API's token issuer; any name will do. */
function localClientConfig(config: LocalConfig, user = LOCAL_USER): ClientConfig {
  const { graphqlUrl, region, tokenUrl } = config;
  if (!tokenUrl) throw new LesionError('InvalidInput', `${graphqlUrl} gives out no tokens. Pass --token or --api-key.`);
  return { graphqlUrl, ...(region && { region }), token: keptFor(TOKEN_KEPT, () => fetchToken(tokenUrl, user)) };
}

/** Milliseconds; a local token lives for an hour. */
const TOKEN_KEPT = 10 * 60 * 1000;

function keptFor(milliseconds: number, fetchIt: () => Promise<string>): () => Promise<string> {
  let kept: Promise<string> | undefined;
  let until = 0;
  return () => {
    if (!kept || Date.now() > until) {
      until = Date.now() + milliseconds;
      kept = fetchIt();
      kept.catch(() => {
        kept = undefined;
      });
    }
    return kept;
  };
}

async function fetchToken(tokenUrl: string, user: string): Promise<string> {
  const body = JSON.stringify({ user });
  const answer = await fetchJson(tokenUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if (typeof answer.token === 'string') return answer.token;
  throw new LesionError('Unauthorized', `${tokenUrl} gave no token for ${user}`);
}

async function fetchLocalConfig(graphqlUrl?: string): Promise<LocalConfig> {
  if (graphqlUrl && !URL.canParse(graphqlUrl)) throw new LesionError('InvalidInput', `--url is no URL: ${graphqlUrl}`);
  const configUrl = graphqlUrl ? new URL('/config.json', graphqlUrl).href : LOCAL_CONFIG;
  const { graphqlUrl: url, region, tokenUrl } = await fetchJson(configUrl, {});
  if (typeof url !== 'string') throw new LesionError('InvalidInput', `${configUrl} names no graphqlUrl`);
  return {
    graphqlUrl: url,
    ...(typeof region === 'string' && { region }),
    ...(typeof tokenUrl === 'string' && { tokenUrl }),
  };
}

async function fetchJson(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
    if (response.ok) return { ...(await response.json()) };
    throw new Error(`status ${response.status}`);
  } catch (cause) {
    const hint = 'Is the local API running (npm start)? Else pass --url with --token or --api-key.';
    throw new LesionError('Network', `No answer from ${url}. ${hint}`, { cause });
  }
}
