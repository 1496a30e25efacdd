import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveEngine } from '../../test/support/serveEngine.ts';
import { startSecretsManager } from './startSecretsManager.ts';

const secrets = startSecretsManager();
const arn = secrets.put('mail-key', 'sk-test');
let server: Awaited<ReturnType<typeof serveEngine>>;
let client: SecretsManagerClient;

beforeAll(async () => {
  server = await serveEngine(secrets.engine);
  const credentials = { accessKeyId: 'AKIALOCALADMIN', secretAccessKey: 'secret' };
  client = new SecretsManagerClient({ region: 'us-east-1', endpoint: server.url, credentials, maxAttempts: 1 });
});
afterAll(() => server.stop());

test.each([
  ['its ARN', arn],
  ['its name', 'mail-key'],
])('GetSecretValue finds a secret by %s', async (_, SecretId) => {
  const answer = await client.send(new GetSecretValueCommand({ SecretId }));
  expect(answer).toMatchObject({
    ARN: arn,
    Name: 'mail-key',
    SecretString: 'sk-test',
    VersionId: expect.any(String),
  });
  expect(answer.CreatedDate?.getTime()).toBeGreaterThan(Date.now() - 60_000);
});

test('an ARN ends in six characters that stay the same for a name', () => {
  expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:mail-key-[A-Za-z0-9]{6}$/);
  expect(secrets.put('mail-key', 'sk-test')).toBe(arn);
  expect(startSecretsManager().put('mail-key', 'other')).toBe(arn);
});

test('a secret that is not there is a ResourceNotFoundException', async () => {
  const missing = client.send(new GetSecretValueCommand({ SecretId: 'nothing' }));
  await expect(missing).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 400 },
  });
});

test('an older version and any other operation are refused by name', async () => {
  const older = client.send(new GetSecretValueCommand({ SecretId: arn, VersionStage: 'AWSPREVIOUS' }));
  await expect(older).rejects.toThrow(/VersionStage/);
  await expect(client.send(new ListSecretsCommand({}))).rejects.toThrow(/secretsmanager.ListSecrets/);
});

test('a call by name takes the grant on the ARN', () => {
  const call = {
    service: 'secretsmanager',
    accessKeyId: 'AKIALOCALX',
    method: 'POST',
    url: new URL('http://127.0.0.1/'),
  };
  const body = Buffer.from(JSON.stringify({ SecretId: 'mail-key' }));
  const grants = secrets.engine.requiredGrants({ ...call, headers: {}, body });
  expect(grants).toEqual([{ action: 'secretsmanager:GetSecretValue', resource: arn }]);
});
