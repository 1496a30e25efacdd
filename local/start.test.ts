import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const start = (...options: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('./start.ts', import.meta.url)), ...options], {
    encoding: 'utf8',
  });

test.each([
  [['--nope'], "Unknown option '--nope'"],
  [['--port', 'x'], '--port x: not a port'],
  [['-c', 'cache'], '-c cache: not KEY=VALUE'],
])('with %j says what is wrong and how it goes', (options, message) => {
  const { status, stderr, stdout } = start(...options);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain('--data DIR');
});

test('with --help tells its options', () => {
  expect(start('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--port N') });
});
