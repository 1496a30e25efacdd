import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const empty = mkdtempSync(join(tmpdir(), 'no-app-'));
afterAll(() => rmSync(empty, { recursive: true }));

function embeddedCloud(...options: string[]) {
  const main = join(import.meta.dirname, 'main.ts');
  return spawnSync(process.execPath, [main, ...options], { encoding: 'utf8', cwd: empty });
}

test.each([
  [['--nope'], "Unknown option '--nope'"],
  [['--port', 'x'], '--port x: not a port'],
  [['-c', 'cache'], '-c cache: not KEY=VALUE'],
  [['--secret', 'key=1'], '--secret key: not NAME.FIELD'],
  [['--assembly', 'cdk.out', '--watch'], '--watch needs the app, not its assembly'],
])('with %j says what is wrong and how it goes', (options, message) => {
  const { status, stderr, stdout } = embeddedCloud(...options);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('--data DIR');
});

test.each([
  [[], /How is the app run\? .*cdk.json does not say, and no command is given/],
  [['--app', 'node nowhere.mjs'], /The CDK app failed \(node nowhere.mjs, exit status 1\):[\s\S]*Cannot find module/],
  [['--assembly', 'nowhere'], /There is no cloud assembly in .*nowhere: no manifest.json/],
])('with %j, where it cannot start, says why', (options, message) => {
  const { status, stderr } = embeddedCloud('--port', '0', ...options);
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/at startCloud/);
});

test('with --help tells its options', () => {
  expect(embeddedCloud('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--app COMMAND') });
});
