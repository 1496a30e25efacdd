import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { v4, v5 } from 'uuid';

interface CognitoOptions {
  /** URL that the pool id is added to, e.g. `http://127.0.0.1:4000`; asked at each use, as the port may not be known before. */
  issuerBase(): string;
  userPoolId: string;
  clientId: string;
  /** Where the private key is kept, so that tokens outlive a restart. None: a new key each time. */
  keyFile?: string;
}

/** `use`: access if not given. `expiresInSeconds`: 3,600 if not given. */
interface TokenOptions {
  use?: 'access' | 'id';
  expiresInSeconds?: number;
  groups?: string[];
}

/** An issuer in the place of a Cognito user pool: RS256 and Cognito's claims. */
export function startCognito(options: CognitoOptions) {
  const privateKey = loadOrMakeKey(options.keyFile);
  const publicKey = createPublicKey(privateKey);
  const { e, kty, n } = publicKey.export({ format: 'jwk' });
  // RFC 7638: the thumbprint names the key by its content.
  const kid = createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
  const issuer = () => `${options.issuerBase()}/${options.userPoolId}`;

  /** A JWT for a user, who need not have been heard of before; `sub` follows from the name. */
  function token(user: string, { use = 'access', expiresInSeconds = 3600, groups = [] }: TokenOptions = {}) {
    const now = Math.floor(Date.now() / 1000);
    const claims = use === 'access' ? accessClaims(user, options.clientId) : idClaims(user, options.clientId);
    const grouped = groups.length > 0 ? { 'cognito:groups': groups } : {};
    return new SignJWT({ ...claims, ...grouped, token_use: use, auth_time: now })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setSubject(v5(user, v5(options.userPoolId, v5.URL)))
      .setIssuer(issuer())
      .setIssuedAt(now)
      .setExpirationTime(now + expiresInSeconds)
      .setJti(v4())
      .sign(privateKey);
  }

  /** The claims of a token of this pool. Throws where signature, key id, issuer, expiry, use or client is not right. */
  async function verify(jwt: string): Promise<JWTPayload> {
    const required = { algorithms: ['RS256'], issuer: issuer(), requiredClaims: ['sub', 'exp'] };
    const { payload, protectedHeader } = await jwtVerify(jwt, publicKey, required);
    if (protectedHeader.kid !== kid) throw new Error(`The token's key id ${protectedHeader.kid} is not of this pool`);
    const client = clientOf(payload);
    if (client !== options.clientId) throw new Error(`The token's client ${client} is not ${options.clientId}`);
    return payload;
  }

  return {
    /** As in `iss`; its keys lie at `/.well-known/jwks.json` below it. */
    get issuer() {
      return issuer();
    },
    jwks: () => ({ keys: [{ kid, e, kty, n, alg: 'RS256', use: 'sig' }] }),
    token,
    verify,
  };
}

function accessClaims(user: string, clientId: string) {
  return { client_id: clientId, username: user, scope: 'aws.cognito.signin.user.admin', version: 2 };
}

function idClaims(user: string, clientId: string) {
  const email = user.includes('@') ? user : `${user}@example.com`;
  return { aud: clientId, 'cognito:username': user, email, email_verified: true };
}

/** An access token names its client in `client_id`, an id token in `aud`; each counts in its own kind alone. */
function clientOf(payload: JWTPayload): unknown {
  if (payload.token_use === 'access') return payload.client_id;
  if (payload.token_use === 'id') return payload.aud;
  throw new Error(`The token's token_use ${payload.token_use} is neither access nor id`);
}

function loadOrMakeKey(file: string | undefined): KeyObject {
  if (file && existsSync(file)) return createPrivateKey(readFileSync(file));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (file) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  return privateKey;
}
