import { expect, test } from 'vitest';
import { buildAppSyncSchema } from './schema.ts';

const build = (sdl: string) => buildAppSyncSchema(sdl, 'COGNITO', ['IAM']);

test('who may have a field: its own directives, else its type, else the default mode', () => {
  const { modes } = build(`
    type Query { a: A  b: String @aws_iam @aws_cognito_user_pools }
    type A @aws_iam { x: Int  y: Int @aws_cognito_user_pools }`);
  expect(Object.fromEntries([...modes].filter(([name]) => !name.startsWith('__')))).toEqual({
    'Query.a': ['COGNITO'],
    'Query.b': ['IAM', 'COGNITO'],
    'A.x': ['IAM'],
    'A.y': ['COGNITO'],
  });
});

test.for([
  ['a mode that the API has not', 'type Query { a: Int @aws_api_key }', /Query\.a asks for API_KEY/],
  ['a scalar that is not emulated', 'type Query { a: AWSPhone }', /AWSPhone/],
  ['a directive that is not emulated', 'type Query { a: Int @aws_lambda }', /aws_lambda/],
  ['Cognito groups', 'type Query { a: Int @aws_cognito_user_pools(cognito_groups: ["x"]) }', /cognito_groups/],
  [
    'a subscription to a mutation that is not there',
    'type Query { a: Int } type Subscription { s: Int @aws_subscribe(mutations: ["m"]) }',
    /Subscription\.s: there is no mutation m that returns Int/,
  ],
] as const)('%s is refused by name', ([, sdl, message]) => {
  expect(() => build(sdl)).toThrow(message);
});
