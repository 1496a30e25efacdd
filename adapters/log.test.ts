import { expect, test, vi } from 'vitest';
import { log } from './log.ts';

function logged(error: unknown): unknown {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  log.warn('something failed', { error });
  return warn.mock.lastCall?.[0];
}

test('an error is logged by name, code and place', () => {
  const error = Object.assign(new TypeError('a secret'), { code: 'ECONNRESET' });
  expect(logged(error)).toMatchObject({
    error: expect.stringMatching(/^TypeError ECONNRESET at .+log\.test\.ts:\d+:\d+/),
  });
});

test('a message that looks like a stack stays out', () => {
  const error = new SyntaxError('x\n    at secret (/secret:1:1)\n    at secret:1:1');
  expect(logged(error)).toMatchObject({ error: expect.stringMatching(/^SyntaxError at (?!.*secret)/) });
});

test('what is no error is logged by its type', () => {
  expect(logged('a secret')).toEqual({ event: 'something failed', error: 'string' });
});
