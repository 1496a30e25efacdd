import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const forEver = 'console.log("up"); setInterval(() => {}, 1000)';

test('a command ends with the shell that npm started it by', async () => {
  // With something to do after it, or the shell would become the command.
  const line = `node tools/run.mjs node -e '${forEver}'; true`;
  const env = { ...process.env, npm_lifecycle_event: 'start' };
  const shell = spawn('sh', ['-c', line], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(shell.stdout, 'data');
  expect(String(said)).toBe('up\n');
  shell.kill('SIGTERM');
  // Whoever still ran would hold the pipe open.
  await once(shell.stdout, 'close');
  expect(shell.signalCode).toBe('SIGTERM');
});
