import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { startCognito } from './startCognito.ts';

const dir = await mkdtemp(join(tmpdir(), 'cognito-test-'));
afterAll(() => rm(dir, { recursive: true }));

const pool = { issuerBase: () => 'http://127.0.0.1:4000', userPoolId: 'us-east-1_pool', clientId: 'client1' };
const cognito = startCognito({ ...pool, keyFile: join(dir, 'keys', 'pool.pem') });
const issuer = 'http://127.0.0.1:4000/us-east-1_pool';
const goodClaims = { token_use: 'access', client_id: 'client1', sub: 'x', iss: issuer };
const inAnHour = Math.floor(Date.now() / 1000) + 3600;

describe('tokens', () => {
  test('an access token carries the claims that Cognito gives it', async () => {
    const claims = decodeJwt(await cognito.token('alice', { groups: ['doctors'], expiresInSeconds: 60 }));
    expect(claims).toMatchObject({
      ...{ iss: issuer, token_use: 'access', client_id: 'client1', username: 'alice' },
      ...{ scope: 'aws.cognito.signin.user.admin', 'cognito:groups': ['doctors'], jti: expect.any(String) },
    });
    expect(claims.exp! - claims.iat!).toBe(60);
    expect(claims.auth_time).toBe(claims.iat);
    expect(claims.aud).toBeUndefined();
  });

  test('an id token names its client as audience, and the user by cognito:username and email', async () => {
    const claims = decodeJwt(await cognito.token('alice', { use: 'id' }));
    expect(claims).toMatchObject({
      aud: 'client1',
      token_use: 'id',
      'cognito:username': 'alice',
      email: 'alice@example.com',
    });
    expect(claims['cognito:groups']).toBeUndefined();
    expect(decodeJwt(await cognito.token('bob@clinic.test', { use: 'id' })).email).toBe('bob@clinic.test');
  });

  test('a user has one sub in all tokens and pools restarted, another user another', async () => {
    const again = startCognito(pool);
    const [first, second, other] = await Promise.all([
      ...[cognito.token('alice'), again.token('alice', { use: 'id' }), cognito.token('bob')],
    ]);
    expect(decodeJwt(first!).sub).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(decodeJwt(second!).sub).toBe(decodeJwt(first!).sub);
    expect(decodeJwt(other!).sub).not.toBe(decodeJwt(first!).sub);
  });

  test('anyone can verify a token by the published key set', async () => {
    const keySet = createLocalJWKSet(cognito.jwks());
    const { payload } = await jwtVerify(await cognito.token('alice'), keySet, { issuer, algorithms: ['RS256'] });
    expect(payload.username).toBe('alice');
    expect(JSON.stringify(cognito.jwks())).not.toContain('"d"');
  });

  test('tokens outlive a restart, by a key that its owner alone can read', async () => {
    const restarted = startCognito({ ...pool, keyFile: join(dir, 'keys', 'pool.pem') });
    expect((await restarted.verify(await cognito.token('alice'))).username).toBe('alice');
    expect((await stat(join(dir, 'keys', 'pool.pem'))).mode & 0o777).toBe(0o600);
  });
});

describe('verification', () => {
  const publicJwk = cognito.jwks().keys[0]!;
  const { kid } = publicJwk;
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });

  /** A token signed by the pool's own key, with claims that the pool would not give. */
  function signedByPool(claims: object, clientId = 'client1') {
    const own = startCognito({ ...pool, clientId, keyFile: join(dir, 'keys', 'pool.pem'), ...claims });
    return own.token('alice', claims);
  }

  test.each(['access', 'id'] as const)('takes an %s token', async (use) => {
    expect((await cognito.verify(await cognito.token('alice', { use }))).token_use).toBe(use);
  });

  test('refuses a token without signature (alg none)', async () => {
    await expect(cognito.verify(new UnsecuredJWT({ ...goodClaims, exp: inAnHour }).encode())).rejects.toThrow();
  });

  test('refuses a token whose HMAC secret is the public key (alg HS256)', async () => {
    const pem = createPublicKey({ key: { ...publicJwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const signer = new SignJWT({ ...goodClaims, exp: inAnHour }).setProtectedHeader({ alg: 'HS256', kid });
    await expect(cognito.verify(await signer.sign(Buffer.from(pem)))).rejects.toThrow(/alg/);
  });

  test('refuses a token signed with another key, under the right key id', async () => {
    const signer = new SignJWT({ ...goodClaims, exp: inAnHour }).setProtectedHeader({ alg: 'RS256', kid });
    await expect(cognito.verify(await signer.sign(foreign.privateKey))).rejects.toThrow(/signature/);
  });

  test('refuses a token under another key id', async () => {
    const other = startCognito(pool);
    const token = await other.token('alice');
    expect(decodeProtectedHeader(token).kid).not.toBe(kid);
    await expect(cognito.verify(token)).rejects.toThrow();
  });

  test.each([
    ['an expired token', { expiresInSeconds: -1 }, /exp/],
    ['a token of another issuer', { issuerBase: () => 'http://127.0.0.1:4001' }, /iss/],
    ['a token of another pool', { userPoolId: 'us-east-1_other' }, /iss/],
    ['a token of another use', { use: 'refresh' }, /token_use/],
  ])('refuses %s', async (_, claims, reason) => {
    await expect(cognito.verify(await signedByPool(claims))).rejects.toThrow(reason);
  });

  test.each(['access', 'id'] as const)('refuses an %s token of another client', async (use) => {
    await expect(cognito.verify(await signedByPool({ use }, 'client2'))).rejects.toThrow(/client2/);
  });

  test('refuses what is no token', async () => {
    await expect(cognito.verify('da2-key')).rejects.toThrow();
  });
});
