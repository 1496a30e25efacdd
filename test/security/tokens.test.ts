import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { readTemplate } from '../../cloud/template/template.ts';
import { ask, withApiKey, withToken } from '../support/callers.ts';
import { useCloud } from '../support/cloud.ts';
import { listen } from '../support/listening.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'tokens-'));
const run = useCloud({ dataDir });
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const query = '{ getModel { name } }';
const refusal = { errorType: 'UnauthorizedException', message: 'You are not authorized to make this call.' };

/** The user pool's own key: what is wrong with a token signed by it is wrong with its claims. */
const poolKey = () => createPrivateKey(readFileSync(join(dataDir, 'cognito/key.pem')));
const goodToken = (use: 'access' | 'id' = 'access') => run.cloud.token('mallory', { use });
const now = () => Math.floor(Date.now() / 1000);

/** A good token with other claims or another key, signed anew. */
async function signedAnew(changes: JWTPayload, key: KeyObject = poolKey(), header: object = {}): Promise<string> {
  const token = await goodToken();
  const { kid } = decodeProtectedHeader(token);
  const claims = Object.entries({ ...decodeJwt(token), ...changes }).filter(([, value]) => value !== undefined);
  return await new SignJWT(Object.fromEntries(claims))
    .setProtectedHeader({ alg: 'RS256', kid: String(kid), ...header })
    .sign(key);
}

async function withHeader(header: object, sign: (signed: string) => string): Promise<string> {
  const token = await goodToken();
  const encoded = Buffer.from(JSON.stringify({ ...decodeProtectedHeader(token), ...header })).toString('base64url');
  const signed = `${encoded}.${token.split('.')[1]}`;
  return `${signed}.${sign(signed)}`;
}

/** The oldest trick: the pool's public key, which everybody has, as the secret of an HMAC. */
async function signedByPublicKey(): Promise<string> {
  const publicKey = createPublicKey(poolKey()).export({ type: 'spki', format: 'pem' });
  return await withHeader({ alg: 'HS256' }, (signed) =>
    createHmac('sha256', publicKey).update(signed).digest('base64url'),
  );
}

const foreignKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

async function withClaimsChanged(): Promise<string> {
  const [header, claims = '', signature] = (await goodToken()).split('.');
  const other = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), sub: 'somebody-else' };
  return [header, Buffer.from(JSON.stringify(other)).toString('base64url'), signature].join('.');
}

async function withClientInTheOtherClaim(): Promise<string> {
  const { client_id: ours } = decodeJwt(await goodToken());
  return await signedAnew({ client_id: 'another', aud: String(ours) });
}

const bad: Record<string, () => Promise<string>> = {
  'with alg none and no signature': () => withHeader({ alg: 'none' }, () => ''),
  'with alg None and the old signature': () => withHeader({ alg: 'None' }, () => 'AAAA'),
  'signed with HS256 by the public key': signedByPublicKey,
  'signed by a foreign key under the same key id': () => signedAnew({}, foreignKey()),
  'signed by the pool under another key id': () => signedAnew({}, poolKey(), { kid: 'another' }),
  'that brings its own key along': async () => {
    const key = foreignKey();
    return await signedAnew({}, key, { jwk: createPublicKey(key).export({ format: 'jwk' }) });
  },
  'whose claims were changed': withClaimsChanged,
  'that has expired': () => run.cloud.token('mallory', { expiresInSeconds: -1 }),
  'that never expires': () => signedAnew({ exp: undefined }),
  'that is not valid yet': () => signedAnew({ nbf: now() + 3600 }),
  'of another user pool': () => signedAnew({ iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_another' }),
  'of another client': () => signedAnew({ client_id: 'another' }),
  'of another client, with ours in the claim of the other kind': withClientInTheOtherClaim,
  'that is a refresh token': () => signedAnew({ token_use: 'refresh' }),
  'without a use': () => signedAnew({ token_use: undefined }),
  'without a subject': () => signedAnew({ sub: undefined }),
  'with Bearer before it': async () => `Bearer ${await goodToken()}`,
  'that is none': async () => 'let-me-in',
};

test('the template has AppSync take tokens of our client alone, and allow what nothing denies', () => {
  const { resources } = readTemplate(inject('assemblyDir'));
  const api = resources.find(({ type }) => type === 'AWS::AppSync::GraphQLApi');
  const client = resources.find(({ type }) => type === 'AWS::Cognito::UserPoolClient')?.logicalId;
  expect(api?.properties).toMatchObject({
    UserPoolConfig: { AppIdClientRegex: { Ref: client }, DefaultAction: 'ALLOW' },
  });
});

test.each(['access', 'id'] as const)('a token of use %s lets its user in', async (use) => {
  const answer = await ask(run.cloud, withToken(await goodToken(use)), query);
  expect(answer).toMatchObject({ status: 200, data: { getModel: { name: 'ham10000-mobilenetv2' } } });
});

describe('a token', () => {
  test.each(Object.entries(bad))('%s is refused, over HTTP and over a socket, without a word why', async (_, make) => {
    const caller = withToken(await make());
    const answer = await ask(run.cloud, caller, query);
    expect(answer).toEqual({ status: 401, errorType: 'UnauthorizedException', errors: [refusal] });
    await expect(listen(run.cloud, caller)).rejects.toThrow('"errorCode":401');
    const listener = await listen(run.cloud, caller, withToken(await goodToken()));
    const frame = await listener.subscribe('1', 'subscription { onRequestUpdated { requestId owner } }');
    listener.close();
    expect(frame).toMatchObject({ type: 'error', payload: { errors: [{ errorType: 'UnauthorizedException' }] } });
  });

  test('of one user and the API key together make no other caller: the token counts', async () => {
    const both = { ...(await withToken(await signedByPublicKey())('')), 'x-api-key': run.cloud.config.apiKey ?? '' };
    expect(await ask(run.cloud, async () => both, query)).toMatchObject({ status: 401 });
  });
});

describe('an API key', () => {
  test.each([
    ['that is none', () => 'da2-00000000000000000000000000'],
    ['of another length', () => run.cloud.config.apiKey?.slice(0, -1) ?? ''],
    ['in capitals', () => run.cloud.config.apiKey?.toUpperCase() ?? ''],
  ])('%s is refused', async (_, key) => {
    expect(await ask(run.cloud, withApiKey(key()), query)).toMatchObject({ status: 401, errors: [refusal] });
  });
});

test('without credentials nobody gets in', async () => {
  expect(await ask(run.cloud, async () => ({}), query)).toMatchObject({ status: 401 });
  await expect(listen(run.cloud, async () => ({}))).rejects.toThrow('"errorCode":401');
});
