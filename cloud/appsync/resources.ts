import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { arn } from '../engine.ts';
import { accessKeyOf } from '../iam/resources.ts';
import type { InvocationResult } from '../lambda/sandbox.ts';
import { ignore } from '../template/properties.ts';
import { own, type ResourceTypes, stableId } from '../template/resourceTypes.ts';
import type { Stack } from '../template/stack.ts';
import type { AppSyncOptions, AuthMode } from './options.ts';

const AUTH_MODES = { AMAZON_COGNITO_USER_POOLS: 'COGNITO', AWS_IAM: 'IAM', API_KEY: 'API_KEY' } as const;
const authMode = z
  .literal(['AMAZON_COGNITO_USER_POOLS', 'AWS_IAM', 'API_KEY'])
  .transform((type): AuthMode => AUTH_MODES[type]);
const text = z.string();

const api = z.strictObject({
  ...ignore('Name', 'LogConfig', 'XrayEnabled', 'Visibility', 'UserPoolConfig', 'Tags'),
  AuthenticationType: authMode,
  AdditionalAuthenticationProviders: z.array(z.object({ AuthenticationType: authMode })).default([]),
  IntrospectionConfig: z.literal(['ENABLED', 'DISABLED']).optional(),
  QueryDepthLimit: z.number().optional(),
  ResolverCountLimit: z.number().optional(),
});
const schema = z.strictObject({ ...ignore('ApiId'), Definition: text });
const apiKey = z.strictObject({ ...ignore('ApiId', 'Description'), Expires: z.number().optional() });
const dataSource = z.strictObject({
  ...ignore('ApiId', 'Description'),
  Name: text,
  Type: z.literal(['NONE', 'AWS_LAMBDA']),
  ServiceRoleArn: text.default(''),
  LambdaConfig: z.strictObject({ LambdaFunctionArn: text }).optional(),
});
const resolver = z.strictObject({
  ...ignore('ApiId'),
  TypeName: text,
  FieldName: text,
  DataSourceName: text,
  Kind: z.literal('UNIT').optional(),
  Runtime: z.strictObject({ Name: z.literal('APPSYNC_JS'), RuntimeVersion: z.literal('1.0.0') }),
  Code: text.optional(),
  CodeS3Location: text.optional(),
});

/** @param graphqlUrl where the API is: known before it is up, for whoever is given it */
export function appSyncTypes(graphqlUrl: string): ResourceTypes {
  return {
    'AWS::AppSync::GraphQLApi': {
      bringUp({ logicalId }) {
        const id = stableId(logicalId, 26);
        const apiArn = arn('appsync', `apis/${id}`);
        const realtimeUrl = `${graphqlUrl.replace('http', 'ws')}/realtime`;
        return { ref: apiArn, Arn: apiArn, ApiId: id, GraphQLUrl: graphqlUrl, RealtimeUrl: realtimeUrl };
      },
    },
    'AWS::AppSync::GraphQLSchema': own,
    'AWS::AppSync::ApiKey': {
      bringUp({ logicalId, properties }) {
        const { ApiId } = z.object({ ApiId: text }).parse(properties());
        const id = `da2-${stableId(logicalId, 26)}`;
        const keyArn = arn('appsync', `apis/${ApiId}/apikeys/${id}`);
        return { ref: keyArn, Arn: keyArn, ApiKey: id, ApiKeyId: id };
      },
    },
    'AWS::AppSync::DataSource': {
      bringUp({ logicalId, properties }) {
        return { ref: logicalId, Name: z.object({ Name: z.string() }).parse(properties()).Name };
      },
    },
    'AWS::AppSync::Resolver': own,
  };
}

type InvokeAs = (accessKeyId: string, target: string, event: unknown) => Promise<InvocationResult>;

/** What AppSync is given of the template: the API, its schema, keys and resolvers. */
export function apiOf(stack: Stack, invokeAs: InvokeAs) {
  const [found, ...others] = stack.of('AWS::AppSync::GraphQLApi', api);
  if (!found || others.length > 0) throw new Error('The template must hold one AWS::AppSync::GraphQLApi');
  const sources = new Map(stack.of('AWS::AppSync::DataSource', dataSource).map((source) => [source.Name, source]));
  const keys = stack.of('AWS::AppSync::ApiKey', apiKey);
  return {
    apiId: stack.get(found.logicalId, 'ApiId'),
    schema: stack.of('AWS::AppSync::GraphQLSchema', schema)[0]?.Definition ?? '',
    apiKeys: keys.map(({ logicalId, Expires }) => ({ id: stack.get(logicalId, 'ApiKey'), expiresAt: Expires })),
    defaultAuth: found.AuthenticationType,
    additionalAuth: found.AdditionalAuthenticationProviders.map(({ AuthenticationType }) => AuthenticationType),
    queryDepthLimit: found.QueryDepthLimit,
    resolverCountLimit: found.ResolverCountLimit,
    introspection: found.IntrospectionConfig !== 'DISABLED',
    resolvers: stack.of('AWS::AppSync::Resolver', resolver).map((resolver) => {
      const source = sources.get(resolver.DataSourceName);
      if (!source) throw new Error(`${resolver.logicalId}: there is no data source ${resolver.DataSourceName}`);
      // The data source stands for its function, for it is its role that calls.
      const dataSource =
        source.Type === 'NONE' ? { type: source.Type } : { type: source.Type, functionName: source.Name };
      return {
        typeName: resolver.TypeName,
        fieldName: resolver.FieldName,
        code: codeOf(resolver, stack),
        dataSource,
      };
    }),
    async invoke(dataSourceName: string, event: unknown) {
      const { ServiceRoleArn = '', LambdaConfig } = sources.get(dataSourceName) ?? {};
      const result = await invokeAs(accessKeyOf(ServiceRoleArn), LambdaConfig?.LambdaFunctionArn ?? '', event);
      return 'error' in result ? { functionError: result.error } : result;
    },
  } satisfies Partial<AppSyncOptions>;
}

function codeOf({ Code, CodeS3Location = '' }: z.infer<typeof resolver>, stack: Stack): string {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(CodeS3Location) ?? [];
  return Code ?? readFileSync(stack.asset(bucket, key), 'utf8');
}
