import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type App, type Cloud, type CloudOptions, type Context, startCloud, synthesize } from '../cloud/index.ts';
import { startOpenAi } from './openai/openai.ts';
import { playgroundRoute } from './playground/playground.ts';

/** Rooms that the CDK app does not read; its installed packages count by the lock file. */
const NO_INPUTS = ['node_modules', 'cdk.out', 'coverage', 'cloud', 'local', 'client', 'cli', 'test', 'bench', 'docs'];

const LOCAL_CONTEXT: Context = { apiKey: 'true' };

/** The CDK app of this repository, as the API is run on this machine. */
export const productApp: App = {
  directory: dirname(dirname(fileURLToPath(import.meta.url))),
  isNoInput: (path) => NO_INPUTS.includes(path) || path.endsWith('.test.ts'),
};

/** @returns directory of the assembly, with an API key unless the context says otherwise */
export function synthesizeProduct(context: Context = {}): Promise<string> {
  return synthesize(productApp, { ...LOCAL_CONTEXT, ...context });
}

export interface ProductOptions extends Pick<CloudOptions, 'assemblyDir' | 'context' | 'dataDir' | 'https' | 'port'> {
  /** Given, or OPENAI_API_KEY set: the real service is called. An empty key: the secret is empty. */
  openAi?: { apiKey: string; baseUrl?: string };
}

export interface Product extends Cloud {
  faults: Cloud['faults'] & {
    /** Undefined where the real service is called. */
    openAi: OpenAi['setFault'];
  };
  notes: Cloud['notes'] & { openAi: string };
}

/** The whole API on this machine: its template on the embedded cloud, OpenAI or a stand-in, and the playground. */
export async function startProduct({ openAi: chosen, context, ...options }: ProductOptions = {}): Promise<Product> {
  const openAi = await chooseOpenAi(chosen);
  try {
    const cloud = await startCloud({
      ...options,
      app: productApp,
      context: { ...LOCAL_CONTEXT, ...context },
      secrets: { OpenAiKey: { apiKey: openAi.apiKey } },
      environmentOf(_, variables): Record<string, string> {
        const { baseUrl } = openAi;
        return baseUrl && variables.OPENAI_SECRET_ARN ? { OPENAI_BASE_URL: baseUrl } : {};
      },
      routes: [playgroundRoute],
      // Queues are in memory: what a restart loses, the sweeper sends again.
      firstScheduleInput: { queuesLost: true },
    });
    // In place, for some of its members are looked up anew at each use.
    return Object.assign(cloud, {
      faults: { ...cloud.faults, openAi: openAi.setFault },
      notes: { ...cloud.notes, openAi: openAi.note },
      stop: stopBoth(cloud.stop, openAi.stop),
    });
  } catch (error) {
    await openAi.stop?.();
    throw error;
  }
}

function stopBoth(stopCloud: () => Promise<void>, stopOpenAi: (() => Promise<void>) | undefined) {
  return async () => {
    await stopCloud();
    await stopOpenAi?.();
  };
}

interface OpenAi {
  apiKey: string;
  baseUrl: string | undefined;
  note: string;
  setFault: Awaited<ReturnType<typeof startOpenAi>>['setFault'] | undefined;
  stop?: () => Promise<void>;
}

/** The real service for whom there is a key, else our own. */
async function chooseOpenAi(chosen: ProductOptions['openAi']): Promise<OpenAi> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL } = process.env;
  const real = chosen ?? (OPENAI_API_KEY ? { apiKey: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL } : undefined);
  if (real) {
    return { apiKey: real.apiKey, baseUrl: real.baseUrl, note: real.baseUrl ?? 'the real one', setFault: undefined };
  }
  const { url, setFault, stop } = await startOpenAi();
  return { apiKey: 'local-openai-key', baseUrl: url, note: 'a stand-in of ours', setFault, stop };
}
