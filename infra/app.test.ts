import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { contextWith, ROOT } from './testing/testStack.ts';

const outdir = mkdtempSync(join(tmpdir(), 'app-'));
afterAll(() => rmSync(outdir, { recursive: true }));

/** As the CDK's command line runs it, but with nothing of AWS in the environment. */
function runApp(options: Record<string, unknown>) {
  const env = { PATH: process.env.PATH, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(contextWith(options)) };
  const { status, stderr } = spawnSync(process.execPath, ['infra/app.ts'], { cwd: ROOT, encoding: 'utf8', env });
  return { status, stderr };
}

test('the app synthesizes with nothing of AWS at hand', { timeout: 60_000 }, () => {
  expect(runApp({})).toEqual({ status: 0, stderr: '' });
  const read = (file: string) => JSON.parse(readFileSync(join(outdir, file), 'utf8'));
  expect(Object.keys(read('SkinLesionApi.template.json').Outputs)).toContain('GraphQLUrl');
  const assets: { source: { path: string } }[] = Object.values(read('SkinLesionApi.assets.json').files);
  for (const { source } of assets) expect(existsSync(join(outdir, source.path))).toBe(true);
});

test('a wrong option ends it with one line', { timeout: 60_000 }, () => {
  expect(runApp({ cache: 'memcached' })).toEqual({
    status: 1,
    stderr: 'Option cache is "memcached"; it takes redis or s3.\n',
  });
});
