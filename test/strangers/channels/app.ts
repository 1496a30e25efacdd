/** Publish and subscribe by channel, for visitors with an API key and users of a pool. */
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { AuthorizationType, Code, Definition, FunctionRuntime, GraphqlApi } from 'aws-cdk-lib/aws-appsync';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

const file = (name: string) => join(import.meta.dirname, name);
const stack = new Stack(new App(), 'Channels');
const userPool = new UserPool(stack, 'Users');
userPool.addClient('Web');
const api = new GraphqlApi(stack, 'Api', {
  name: 'channels',
  definition: Definition.fromFile(file('schema.graphql')),
  authorizationConfig: {
    defaultAuthorization: { authorizationType: AuthorizationType.API_KEY },
    additionalAuthorizationModes: [{ authorizationType: AuthorizationType.USER_POOL, userPoolConfig: { userPool } }],
  },
  logConfig: { retention: RetentionDays.ONE_DAY },
});
const nothing = api.addNoneDataSource('Nothing');
for (const [typeName, fieldName] of [
  ['Query', 'whoami'],
  ['Mutation', 'publish'],
  ['Subscription', 'onMessage'],
] as const) {
  nothing.createResolver(fieldName, {
    typeName,
    fieldName,
    runtime: FunctionRuntime.JS_1_0_0,
    code: Code.fromAsset(file(`resolvers/${fieldName}.js`)),
  });
}
