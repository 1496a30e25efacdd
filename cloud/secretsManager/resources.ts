import * as z from 'zod';
import { ignore } from '../template/properties.ts';
import type { ResourceTypes } from '../template/resourceTypes.ts';
import type { Stack } from '../template/stack.ts';
import type { SecretsManager } from './startSecretsManager.ts';

const TYPE = 'AWS::SecretsManager::Secret';

const secretProperties = z.strictObject({ ...ignore('Name', 'Description', 'Tags'), SecretString: z.string() });

/** What an operator would fill in after the deployment: by the secret's name or logical id, then by field. */
export type SecretValues = Record<string, Record<string, string>>;

export function secretsManagerTypes(secretsManager: SecretsManager, values: SecretValues): ResourceTypes {
  return {
    [TYPE]: {
      nameProperty: 'Name',
      bringUp({ logicalId, name, properties }) {
        const { SecretString } = secretProperties.parse(properties());
        const given = values[name] ?? values[logicalId];
        return { ref: secretsManager.put(name, given ? filled(SecretString, given) : SecretString) };
      },
    },
  };
}

/** @throws naming a secret for which there are values, and which the template does not hold */
export function assertSecrets(stack: Stack, values: SecretValues): void {
  const known = stack.names(TYPE);
  const stranger = Object.keys(values).find((name) => !known.includes(name));
  if (stranger) throw new Error(`The template has no secret ${stranger}; it has ${known.join(', ') || 'none'}`);
}

/** Fills fields that the template leaves empty, and no others. */
function filled(secret: string, values: Record<string, string>): string {
  const fields = z.record(z.string(), z.json()).parse(JSON.parse(secret));
  for (const [field, value] of Object.entries(values)) {
    if (fields[field] !== '') throw new Error(`there is no empty field "${field}" to fill in`);
    fields[field] = value;
  }
  return JSON.stringify(fields);
}
