import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileResolver, type Effects } from '../cloud/appsync/jsRuntime.ts';
import { passes } from '../cloud/appsync/subscriptionFilter.ts';
import { ownerOf } from './owner.ts';

const name = 'Subscription.onRequestUpdated';
const resolver = compileResolver(name, readFileSync(new URL(`${name}.js`, import.meta.url), 'utf8'));

/** Whether a caller of this identity is pushed an event. */
function hears(identity: unknown, event: object, args: object = {}): boolean {
  const effects: Effects = { errors: [] };
  expect(resolver(effects).response({ identity, args })).toBeNull();
  if (!effects.filter) throw new Error('The resolver set no filter');
  return passes(effects.filter, event);
}

const alice = { sub: 'alice', issuer: 'pool' };
const callers = { alice, 'the API key': null };

test.each(Object.entries(callers))(
  '%s hears of what is its own, by the rule of every other resolver',
  (_, identity) => {
    const own = { owner: ownerOf(identity), requestId: '1' };
    expect(hears(identity, own)).toBe(true);
    expect(hears(identity, own, { requestId: '1' })).toBe(true);
    expect(hears(identity, own, { requestId: '2' })).toBe(false);
  },
);

test.each([
  ['another user', { ...alice, sub: 'bob' }],
  ['the API key', null],
  ['an IAM role', { accountId: '0', userArn: 'arn:aws:sts::0:assumed-role/x/y', username: 'alice' }],
  ['an OIDC user without issuer', { sub: 'alice' }],
])('%s hears nothing of another owner, asked for by id or not', (_, identity) => {
  const others = [ownerOf(alice), ...(identity === null ? [] : [ownerOf(null)])];
  for (const owner of others) {
    expect(hears(identity, { owner, requestId: '1' })).toBe(false);
    expect(hears(identity, { owner, requestId: '1' }, { requestId: '1' })).toBe(false);
  }
});
