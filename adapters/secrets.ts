import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { boundedClient } from './awsClient.ts';

const secretSchema = z.object({ apiKey: z.string() });
/** So a rotated key is taken up without a deployment. */
const keptMilliseconds = 5 * 60 * 1000;

/** @returns reads the OpenAI key from a secret `{"apiKey": "…"}`; null while none is set */
export function createApiKeySource(secretArn: string, now: () => number = Date.now): () => Promise<string | null> {
  const client = new SecretsManagerClient(boundedClient);
  let kept: { apiKey: string | null; until: number } | undefined;
  return async () => {
    if (kept && kept.until > now()) return kept.apiKey;
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    const { apiKey } = secretSchema.parse(JSON.parse(SecretString ?? ''));
    kept = { apiKey: apiKey || null, until: now() + keptMilliseconds };
    return kept.apiKey;
  };
}
