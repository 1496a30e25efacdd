import { globSync, readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { buildSchema } from 'graphql';
import { contract } from './tools/codegen/contract.ts';
import { selectEveryField } from './tools/codegen/selectEveryField.ts';

const schema = buildSchema(contract);
const everyFieldOf = (type: string) => `fragment ${type}Fields on ${type} ${selectEveryField(schema, type)}`;

// One document: loaded file by file, their order would differ from run to run, and --check would find it stale.
const operations = [
  ...globSync('client/operations/*.graphql')
    .sort()
    .map((file) => readFileSync(file, 'utf8')),
  everyFieldOf('Request'),
  everyFieldOf('Model'),
].join('\n');

const HEADER = './tools/codegen/header.ts';

const scalars = {
  ID: 'string',
  AWSDateTime: 'string',
  AWSURL: 'string',
  AWSJSON: { input: 'string', output: 'unknown' },
};

const config: CodegenConfig = {
  schema: contract,
  config: { sort: false },
  generates: {
    'core/generated/schema.ts': {
      plugins: [HEADER, 'typescript'],
      config: { scalars, strictScalars: true, enumsAsTypes: true, maybeValue: 'T | null', skipTypename: true },
    },
    'core/generated/enums.ts': {
      plugins: [HEADER, { './tools/codegen/enumValues.ts': { types: './schema.ts' } }],
    },
    'resolvers/generated/resolvers.ts': {
      plugins: [HEADER, './tools/codegen/resolverTypes.ts'],
    },
    'workers/publisher/generated/publishRequestUpdate.ts': {
      plugins: [HEADER, './tools/codegen/publishDocument.ts'],
    },
    'client/generated/enums.ts': {
      plugins: [HEADER, { './tools/codegen/enumValues.ts': { types: './operations.ts' } }],
    },
    'client/generated/contract.ts': {
      plugins: [HEADER, './tools/codegen/clientContract.ts'],
    },
    ...Object.fromEntries(
      globSync('*.ts', { cwd: 'core/photo' })
        .filter((file) => !file.endsWith('.test.ts'))
        .sort()
        .map((file) => [
          `client/generated/photo/${file}`,
          { plugins: [HEADER, { './tools/codegen/photoFormats.ts': { file } }] },
        ]),
    ),
    'client/generated/operations.ts': {
      documents: operations,
      plugins: [HEADER, 'typescript-operations', './tools/codegen/operationStrings.ts'],
      config: { scalars, strictScalars: true, skipTypename: true, inlineFragmentTypes: 'combine' },
    },
  },
};

export default config;
