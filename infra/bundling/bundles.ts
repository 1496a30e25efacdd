import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type OutputFile, type Plugin } from 'esbuild';
import type { ModelDirectory } from '../../models/modelDirectory.ts';
import type { ResolverTypes } from '../../resolvers/generated/resolvers.ts';
import type { Options } from '../options.ts';
import { type Bundle, keepBundle, pruneBundles } from './bundleStore.ts';
import { type Code, createCodeCache, sha256 } from './codeCache.ts';
import { type AssetFile, EXTERNAL, fingerprint, nativeModules } from './nativeModules.ts';

/** Each field that a function resolves has its entry file, named after it. AppSync itself resolves the publisher's. */
type FieldEntries = {
  [F in Exclude<keyof ResolverTypes, 'Mutation.publishRequestUpdate'> as F extends `${string}.${infer Name}`
    ? Name
    : never]: `resolvers/${F}.ts`;
};

/** Entry file of each Lambda function. */
export const ENTRIES = {
  createUpload: 'resolvers/Mutation.createUpload.ts',
  submitRequest: 'resolvers/Mutation.submitRequest.ts',
  cancelRequest: 'resolvers/Mutation.cancelRequest.ts',
  retryRequest: 'resolvers/Mutation.retryRequest.ts',
  deleteRequest: 'resolvers/Mutation.deleteRequest.ts',
  getResult: 'resolvers/Query.getResult.ts',
  listRequests: 'resolvers/Query.listRequests.ts',
  getModel: 'resolvers/Query.getModel.ts',
  inference: 'workers/inference/index.ts',
  enrichment: 'workers/enrichment/index.ts',
  publisher: 'workers/publisher/index.ts',
  deadLetter: 'workers/deadLetter/index.ts',
  sweeper: 'workers/sweeper/index.ts',
} as const satisfies FieldEntries & Record<string, string>;

export type FunctionName = keyof typeof ENTRIES;
export type Bundles = Record<FunctionName, Bundle>;

export interface BundleProps {
  /** Where the entries are. */
  root: string;
  nodeModules: string;
  /** Gets `assets/`, the bundles by hash; `lambda/<name>`, a link to the newest; `maps/`, their source maps. */
  outdir: string;
  model: ModelDirectory;
  options: Pick<Options, 'cache' | 'inference' | 'model'>;
}

/** CommonJS in the bundles (ioredis, `httpByRequire`) asks for a `require` that an ES module does not have. */
const BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** Bundles every function whose sources changed. The same sources give the same hashes, and what is there stays as it is. */
export async function buildBundles(props: BundleProps): Promise<Bundles> {
  const codes = await bundleCode(props);
  const bundles = Object.keys(ENTRIES).map((name) => {
    const code = codes.get(name);
    if (!code) throw new Error(`esbuild made no ${name}`);
    const beside = filesBeside(name, props);
    const identity = [fingerprint(beside), beside.length > 0 ? readFileSync(props.model.manifestFile, 'utf8') : ''];
    return [name, keepBundle({ outdir: props.outdir, name, ...code, beside, identity })] as const;
  });
  pruneBundles(props.outdir);
  return Object.fromEntries(bundles) as Bundles;
}

/** In one pass, for most of the time goes into what they share. */
async function bundleCode({ root, nodeModules, outdir, options }: BundleProps): Promise<Map<string, Code>> {
  const leftOut = unusedAdapters(options);
  const installed = readFileSync(join(nodeModules, '.package-lock.json'), 'utf8');
  const key = JSON.stringify([sha256(installed), sha256(readFileSync(import.meta.filename)), leftOut]);
  const cache = createCodeCache({ root, outdir, key });
  const codes = new Map<string, Code>();
  const stale: [string, string][] = [];
  for (const [name, entry] of Object.entries(ENTRIES)) {
    const kept = cache.get(name);
    if (kept) codes.set(name, kept);
    else stale.push([name, entry]);
  }
  if (stale.length === 0) return codes;
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: stale.map(([name, entry]) => ({ in: entry, out: `${name}/index` })),
    nodePaths: [nodeModules],
    external: EXTERNAL,
    plugins: [without(leftOut), httpByRequire],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The SDK's CommonJS builds are larger, and fail once bundled.
    mainFields: ['module', 'main'],
    banner: { js: BANNER },
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    outdir,
    outExtension: { '.js': '.mjs' },
    write: false,
    logLevel: 'error',
  });
  for (const [name, entry] of stale) {
    const code = {
      code: outputOf(outputFiles, `${name}/index.mjs`),
      map: outputOf(outputFiles, `${name}/index.mjs.map`),
    };
    cache.put(name, code, entry, metafile);
    codes.set(name, code);
  }
  cache.prune();
  return codes;
}

/** Each brings a client of its own, 140 KB of it for the hand-over; the environment asks for one of two only. */
function unusedAdapters({ cache, inference }: BundleProps['options']): string[] {
  const handover = cache === 'redis' ? 'handover/s3' : 'handover/redis';
  return [handover, inference === 'lambda' ? 'modelRunner/sagemaker' : 'modelRunner/onnx'];
}

function without(adapters: string[]): Plugin {
  return {
    name: 'without-adapters',
    setup(build) {
      const namespace = 'left-out';
      build.onResolve({ filter: new RegExp(`/(${adapters.join('|')})\\.ts$`) }, ({ path }) => ({ path, namespace }));
      build.onLoad({ filter: /^/, namespace }, () => ({ contents: 'module.exports = {}' }));
    },
  };
}

/**
 * An ES import of node:http reads every one of its exports, and a getter among them loads Node's own WebSocket client:
 * some 20 ms of every cold start. `require` reads what is asked for.
 */
const httpByRequire: Plugin = {
  name: 'http-by-require',
  setup(build) {
    const namespace = 'by-require';
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace } : undefined,
    );
    build.onLoad({ filter: /^/, namespace }, ({ path }) => ({ contents: `module.exports = require('${path}')` }));
  },
};

function outputOf(outputs: OutputFile[], path: string): Uint8Array {
  const output = outputs.find((output) => output.path.replaceAll('\\', '/').endsWith(`/${path}`));
  if (!output) throw new Error(`esbuild made no ${path}`);
  return output.contents;
}

/** What a function finds beside its index.mjs. */
function filesBeside(name: string, { nodeModules, model, options }: BundleProps): AssetFile[] {
  const manifest = { from: model.manifestFile, to: 'manifest.json' };
  if (name === 'getModel') return [manifest];
  if (name !== 'inference') return [];
  const runsModel = options.inference === 'lambda';
  const bundled = runsModel && options.model === 'bundled' ? [{ from: model.modelFile, to: model.manifest.file }] : [];
  return [manifest, ...bundled, ...nativeModules(nodeModules, runsModel)];
}
