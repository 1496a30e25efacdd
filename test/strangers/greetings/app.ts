/** Fields that a resolver makes up by itself, for callers with IAM; a secret that holds the address of the API. */
import { join } from 'node:path';
import { App, CfnOutput, SecretValue, Stack } from 'aws-cdk-lib';
import { AuthorizationType, Code, Definition, FunctionRuntime, GraphqlApi } from 'aws-cdk-lib/aws-appsync';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';

const file = (name: string) => join(import.meta.dirname, name);
const stack = new Stack(new App(), 'Greetings');
const api = new GraphqlApi(stack, 'Api', {
  name: 'greetings',
  definition: Definition.fromFile(file('schema.graphql')),
  authorizationConfig: { defaultAuthorization: { authorizationType: AuthorizationType.IAM } },
});
api.addNoneDataSource('Nothing').createResolver('Greet', {
  typeName: 'Query',
  fieldName: 'greet',
  runtime: FunctionRuntime.JS_1_0_0,
  code: Code.fromAsset(file('resolvers/greet.js')),
});
const secret = new Secret(stack, 'Address', {
  secretObjectValue: { url: SecretValue.unsafePlainText(api.graphqlUrl), token: SecretValue.unsafePlainText('') },
});
new CfnOutput(stack, 'SecretArn', { value: secret.secretArn });
