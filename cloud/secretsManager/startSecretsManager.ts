import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type AwsAnswer, type AwsCall, type AwsEngine, arn } from '../engine.ts';

export type SecretsManager = ReturnType<typeof startSecretsManager>;

const getSecretValue = z.strictObject({ SecretId: z.string().min(1) });

/** GetSecretValue alone, of the current version, by ARN or name; in memory. */
export function startSecretsManager() {
  const versions = new Map<string, object>();

  async function handle(call: AwsCall): Promise<AwsAnswer> {
    const target = call.headers['x-amz-target'];
    if (target !== 'secretsmanager.GetSecretValue') {
      return errorAnswer(400, 'InvalidAction', `The embedded Secrets Manager does not implement ${target}`);
    }
    const input = getSecretValue.safeParse(JSON.parse(call.body.toString()));
    if (!input.success) return errorAnswer(400, 'InvalidParameterException', z.prettifyError(input.error));
    const version = versions.get(secretArn(input.data.SecretId));
    return version ? json(200, version) : errorAnswer(400, 'ResourceNotFoundException', 'There is no such secret');
  }

  function requiredGrants(call: AwsCall) {
    const input = getSecretValue.safeParse(JSON.parse(call.body.toString()));
    return input.success ? [{ action: 'secretsmanager:GetSecretValue', resource: secretArn(input.data.SecretId) }] : [];
  }

  const engine: AwsEngine = { service: 'secretsmanager', requiredGrants, errorAnswer, handle };
  return {
    engine,
    /** Keeps the value as AWSCURRENT of the secret `name`; answers its ARN, the same for the same name. */
    put(name: string, value: string): string {
      const current = { VersionId: randomUUID(), VersionStages: ['AWSCURRENT'], CreatedDate: Date.now() / 1000 };
      versions.set(secretArn(name), { ARN: secretArn(name), Name: name, SecretString: value, ...current });
      return secretArn(name);
    },
  };
}

/** The ARN of an ARN or a name. AWS ends it in six random characters; here they follow from the name. */
function secretArn(id: string): string {
  if (id.startsWith('arn:')) return id;
  return arn('secretsmanager', `secret:${id}-${createHash('sha256').update(id).digest('hex').slice(0, 6)}`);
}

function errorAnswer(status: number, code: string, message: string): AwsAnswer {
  return json(status, { __type: code, message });
}

function json(status: number, value: object): AwsAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(value) };
}
