import { describe, expect, test } from 'vitest';
import { assertOwnImageKey, uploadPrefix } from './imageKey.ts';
import { ownerOf } from './owner.ts';
import { requestIdFor } from './submission.ts';

const cognito = { sub: 'a1', issuer: 'https://issuer.example/pool', username: 'alice' };
const photo = '7f0c2a9e-1111-4111-8111-000000000001';

describe('the owner of a call', () => {
  test('is the Cognito user', () => expect(ownerOf(cognito)).toBe('cognito#a1'));

  test('is one tenant for everyone with the API key', () => expect(ownerOf(null)).toBe('apikey'));

  test.each([
    ['an IAM role', { accountId: '0', userArn: 'arn:aws:sts::0:assumed-role/x/y', username: 'x' }],
    ['an OIDC user without issuer', { sub: 'a1' }],
    ['an empty sub', { sub: '', issuer: 'x' }],
    ['nothing at all', undefined],
  ])('is nobody for %s', (_, identity) => expect(() => ownerOf(identity)).toThrow(/Sign in/));
});

describe('an image key', () => {
  const own = uploadPrefix('cognito#a1');

  test('made for this owner is taken', () => assertOwnImageKey(`${own}${photo}`, 'cognito#a1'));

  test.each([
    `${uploadPrefix('cognito#a2')}${photo}`,
    `${uploadPrefix('apikey')}${photo}`,
    `${own}../a2/${photo}`,
    `${own}${photo}/x`,
    `${own}`,
    `handover/${photo}`,
    `/${own}${photo}`,
  ])('%s is as good as none', (key) => expect(() => assertOwnImageKey(key, 'cognito#a1')).toThrow(/no such photo/));
});

describe('a client token', () => {
  const token = '0b0c2a9e-2222-4222-8222-000000000001';

  test('names the same request each time, in either case', () => {
    expect(requestIdFor('cognito#a1', token)).toBe(requestIdFor('cognito#a1', token.toUpperCase()));
  });

  test('names another request for another owner', () => {
    expect(requestIdFor('cognito#a1', token)).not.toBe(requestIdFor('cognito#a2', token));
  });
});
