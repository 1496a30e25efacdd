import { afterEach, expect, test } from 'vitest';
import { type Listener, openListener } from './listener.ts';

let listener: Listener;
afterEach(() => listener.close());

test('before there is anybody to answer, callers are told to come again, as a service would tell them', async () => {
  listener = await openListener(0);
  const answer = await fetch(listener.origin);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('x-amzn-errortype')).toBe('ServiceUnavailableException');
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(await answer.json()).toMatchObject({ errors: [{ errorType: 'ServiceUnavailableException' }] });
  listener.serve(
    (_, response) => response.end('here'),
    () => {},
  );
  expect(await (await fetch(listener.origin)).text()).toBe('here');
});
