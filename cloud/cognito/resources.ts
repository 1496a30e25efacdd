import { arn, REGION } from '../engine.ts';
import { type ResourceTypes, stableId } from '../template/resourceTypes.ts';
import type { Stack } from '../template/stack.ts';

export const cognitoTypes: ResourceTypes = {
  'AWS::Cognito::UserPool': {
    bringUp({ logicalId }) {
      const id = `${REGION}_${stableId(logicalId, 9)}`;
      return { ref: id, Arn: arn('cognito-idp', `userpool/${id}`), UserPoolId: id };
    },
  },
  'AWS::Cognito::UserPoolClient': {
    bringUp({ logicalId }) {
      const id = stableId(logicalId, 26);
      return { ref: id, ClientId: id };
    },
  },
};

/** The pool and client whose tokens are taken: the template's first. */
export function poolOf(stack: Stack): { userPoolId: string; clientId: string } {
  const [userPoolId = ''] = stack.ids('AWS::Cognito::UserPool');
  const [clientId = ''] = stack.ids('AWS::Cognito::UserPoolClient');
  return { userPoolId, clientId };
}
