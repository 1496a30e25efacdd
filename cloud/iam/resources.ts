import * as z from 'zod';
import { ACCESS_KEY_PREFIX, ACCOUNT } from '../engine.ts';
import { ignore } from '../template/properties.ts';
import { own, type ResourceTypes } from '../template/resourceTypes.ts';
import type { Stack } from '../template/stack.ts';
import type { PolicyDocument } from './startIam.ts';

/** Logs and network interfaces alone, neither of which there is here. */
const MANAGED_POLICIES =
  /^arn:aws:iam::aws:policy\/service-role\/(AWSLambda(Basic|VPCAccess)ExecutionRole|AWSAppSyncPushToCloudWatchLogs)$/;
const policyDocument = { PolicyDocument: z.custom<PolicyDocument>() };
const roleProperties = z.strictObject({
  ...ignore('AssumeRolePolicyDocument', 'Description', 'RoleName', 'Tags'),
  Policies: z.array(z.object(policyDocument)).default([]),
  ManagedPolicyArns: z.array(z.string().regex(MANAGED_POLICIES, 'a managed policy that is not emulated')).optional(),
});
const policyProperties = z.strictObject({ ...ignore('PolicyName'), ...policyDocument, Roles: z.array(z.string()) });

export const iamTypes: ResourceTypes = {
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    // The logical id whole: it is the caller's access key.
    nameOf: (logicalId) => logicalId,
    bringUp: ({ name }) => ({ ref: name, Arn: `arn:aws:iam::${ACCOUNT}:role/${name}` }),
  },
  'AWS::IAM::Policy': own,
};

/** The policies of each caller, by access key. */
export function policiesOf(stack: Stack): Map<string, PolicyDocument[]> {
  const roles = stack.of('AWS::IAM::Role', roleProperties);
  const policies = stack.of('AWS::IAM::Policy', policyProperties);
  return new Map(
    roles.map(({ name, Policies }) => [
      `${ACCESS_KEY_PREFIX}${name}`,
      [...Policies, ...policies.filter(({ Roles }) => Roles.includes(name))].map(
        ({ PolicyDocument }) => PolicyDocument,
      ),
    ]),
  );
}

/** The access key of whoever has the role: the last part of its ARN tells it. */
export function accessKeyOf(roleArn: string): string {
  return `${ACCESS_KEY_PREFIX}${roleArn.split('/').at(-1)}`;
}
