import { readFileSync } from 'node:fs';

// AppSync knows these without being told; graphql-js does not.
const APPSYNC_DEFINITIONS = `
  scalar AWSDateTime
  scalar AWSURL
  scalar AWSJSON
  directive @aws_cognito_user_pools on OBJECT | FIELD_DEFINITION
  directive @aws_iam on OBJECT | FIELD_DEFINITION
  directive @aws_api_key on OBJECT | FIELD_DEFINITION
  directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
`;

/** schema.graphql as text that stands by itself. */
export const contract = readFileSync('schema.graphql', 'utf8') + APPSYNC_DEFINITIONS;
