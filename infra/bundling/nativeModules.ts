import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SetupError } from '../setupError.ts';

/** A file of the asset: where it is now, and where it goes, relative to the asset. */
export interface AssetFile {
  from: string;
  to: string;
}

/**
 * What of each package runs on Lambda (linux x64, glibc). Whole, the two packages would be 310 MB, over Lambda's limit:
 * onnxruntime-node alone carries the libraries of five platforms. x64, because onnxruntime crashed on Lambda's arm64
 * (github.com/microsoft/onnxruntime/issues/10038). Licences go along, as they ask to.
 */
const ONNXRUNTIME = {
  'onnxruntime-node': ['dist/*.js', 'bin/napi-v*/linux/x64/{onnxruntime_binding.node,libonnxruntime.so.1}'],
  'onnxruntime-common': ['dist/cjs/*.js', 'dist/cjs/package.json'],
};
const SHARP = {
  sharp: ['dist/*.mjs', 'LICENSE'],
  '@img/sharp-linux-x64': ['index.cjs', 'lib/*.node', 'LICENSE'],
  '@img/sharp-libvips-linux-x64': ['lib/index.js', 'lib/libvips-cpp.so.*', 'versions.json', 'README.md'],
  '@img/colour': ['*.cjs', 'LICENSE.md'],
  'detect-libc': ['lib/*.js', 'LICENSE'],
  semver: ['*.js', '{classes,functions,internal,ranges}/*.js', 'LICENSE'],
};

/** The packages that esbuild leaves alone. */
export const EXTERNAL = ['onnxruntime-node', 'onnxruntime-common', 'sharp'];

/**
 * @param nodeModules the repository's node_modules
 * @param withOnnxruntime false where the model runs elsewhere
 * @throws SetupError saying how to fetch the binaries, on a machine for which npm left them out
 */
export function nativeModules(nodeModules: string, withOnnxruntime: boolean): AssetFile[] {
  const packages = Object.entries({ ...SHARP, ...(withOnnxruntime ? ONNXRUNTIME : {}) });
  return packages.flatMap(([name, patterns]) => {
    const directory = join(nodeModules, name);
    const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: directory }));
    if (!existsSync(directory) || files.length === 0) throw new SetupError(missing(name));
    return ['package.json', ...files.sort()].map((file) => ({
      from: join(directory, file),
      to: join('node_modules', name, file),
    }));
  });
}

function missing(name: string): string {
  const fetch = 'npm install --no-save --os=linux --cpu=x64 --libc=glibc sharp onnxruntime-node';
  return `${name} for linux x64 is not installed, and the inference function needs it: ${fetch}`;
}

/**
 * Tells one set of these files from another without reading 60 MB: by version, for a version is published only once, and
 * by what was chosen of it.
 */
export function fingerprint(files: AssetFile[]): string {
  const manifests = files.filter(({ to }) => basename(to) === 'package.json');
  const versions = manifests.map(({ from, to }) => `${to} ${readFileSync(from, 'utf8')}`);
  return [...files.map(({ from, to }) => `${to} ${statSync(from).size}`), ...versions].join('\n');
}
