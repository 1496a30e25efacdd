import { globSync, readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { buildASTSchema, parse } from 'graphql';
import { selectEveryField } from './scripts/codegen/selectEveryField.ts';

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

const contract = readFileSync('schema.graphql', 'utf8');
const schema = buildASTSchema(parse(contract + APPSYNC_DEFINITIONS));

const everyFieldOf = (type: string) => `fragment ${type}Fields on ${type} ${selectEveryField(schema, type)}`;

// One document: loaded file by file, their order would differ from run to run, and --check would find it stale.
const operations = [
  ...globSync('client/operations/*.graphql')
    .sort()
    .map((file) => readFileSync(file, 'utf8')),
  everyFieldOf('Request'),
  everyFieldOf('Model'),
].join('\n');

const HEADER = './scripts/codegen/header.ts';

const scalars = {
  ID: 'string',
  AWSDateTime: 'string',
  AWSURL: 'string',
  AWSJSON: { input: 'string', output: 'unknown' },
};

const config: CodegenConfig = {
  schema: contract + APPSYNC_DEFINITIONS,
  config: { sort: false },
  generates: {
    'core/generated/schema.ts': {
      plugins: [HEADER, 'typescript'],
      config: { scalars, strictScalars: true, enumsAsTypes: true, maybeValue: 'T | null', skipTypename: true },
    },
    'resolvers/generated/resolvers.ts': {
      plugins: [HEADER, './scripts/codegen/resolverTypes.ts'],
    },
    'workers/publisher/generated/publishRequestUpdate.ts': {
      plugins: [HEADER, './scripts/codegen/publishDocument.ts'],
    },
    'client/generated/operations.ts': {
      documents: operations,
      plugins: [HEADER, 'typescript-operations', './scripts/codegen/operationStrings.ts'],
      config: { scalars, strictScalars: true, skipTypename: true, inlineFragmentTypes: 'combine' },
    },
  },
};

export default config;
