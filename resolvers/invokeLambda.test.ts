import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileResolver } from '../cloud/appsync/jsRuntime.ts';

const resolver = compileResolver('invokeLambda', readFileSync(new URL('invokeLambda.js', import.meta.url), 'utf8'));

test("a function is told what was asked and by whom, and never sees the caller's token", () => {
  const identity = { sub: 'a1', issuer: 'https://issuer.example/pool' };
  const args = { requestId: 'r1' };
  const request = { headers: { authorization: 'a-token' } };
  const context = { arguments: args, args, identity, request, source: null, info: {}, prev: null, stash: {} };
  expect(resolver({ errors: [] }).request(context)).toEqual({
    operation: 'Invoke',
    payload: { arguments: args, identity },
  });
});
