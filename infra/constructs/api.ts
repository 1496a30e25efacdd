import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnApiKey, CfnDataSource, CfnGraphQLApi, CfnGraphQLSchema, CfnResolver } from 'aws-cdk-lib/aws-appsync';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { allow, type Grant } from './grant.ts';
import { LOG_RETENTION, type ProductFunction } from './productFunction.ts';
import type { SignIn } from './signIn.ts';

/** listRequests, items, assessment, notices, code: no query of the contract goes deeper than five. One to spare. */
export const QUERY_DEPTH_LIMIT = 6;
/** The introspection query of graphql-js, and so of GraphiQL, goes down 15 levels. One to spare. */
export const INTROSPECTION_DEPTH_LIMIT = 16;
/** Fields of one request that a resolver stands behind. A client needs one; a thousand aliases need a thousand. */
const RESOLVER_COUNT_LIMIT = 20;

const PUBLISHING = 'publishRequestUpdate';

interface ApiProps {
  signIn: SignIn;
  /** As schemaDefinition makes it. */
  schema: string;
  introspection: boolean;
  /** Epoch seconds at which the API key expires; undefined: there is no key. */
  apiKeyExpires: number | undefined;
}

/**
 * AppSync, by CloudFormation's own resources: CDK's GraphqlApi sets the retention of its logs by a custom resource, and
 * lets its data sources call every version of a function.
 */
export class Api extends Construct {
  readonly graphqlUrl: string;
  readonly realtimeUrl: string;
  readonly id: string;
  readonly apiKey: string | undefined;
  private readonly api: CfnGraphQLApi;
  private readonly schema: CfnGraphQLSchema;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { apiKeyExpires: expires } = props;
    const logs = new Role(this, 'LogsRole', { assumedBy: new ServicePrincipal('appsync.amazonaws.com') });
    this.api = new CfnGraphQLApi(this, 'Api', {
      name: Stack.of(this).stackName,
      authenticationType: 'AMAZON_COGNITO_USER_POOLS',
      userPoolConfig: {
        userPoolId: props.signIn.userPool.userPoolId,
        awsRegion: Stack.of(this).region,
        appIdClientRegex: props.signIn.client.userPoolClientId,
        defaultAction: 'ALLOW',
      },
      additionalAuthenticationProviders: [
        { authenticationType: 'AWS_IAM' },
        ...(expires === undefined ? [] : [{ authenticationType: 'API_KEY' }]),
      ],
      introspectionConfig: props.introspection ? 'ENABLED' : 'DISABLED',
      queryDepthLimit: props.introspection ? INTROSPECTION_DEPTH_LIMIT : QUERY_DEPTH_LIMIT,
      resolverCountLimit: RESOLVER_COUNT_LIMIT,
      // Verbose content is what users send and get: health data, which no log may hold.
      logConfig: { cloudWatchLogsRoleArn: logs.roleArn, fieldLogLevel: 'ERROR', excludeVerboseContent: true },
    });
    this.id = this.api.attrApiId;
    this.graphqlUrl = this.api.attrGraphQlUrl;
    this.realtimeUrl = this.api.attrRealtimeUrl;
    this.schema = new CfnGraphQLSchema(this, 'Schema', { apiId: this.id, definition: props.schema });
    this.apiKey =
      expires === undefined ? undefined : new CfnApiKey(this, 'Key', { apiId: this.id, expires }).attrApiKey;
    this.keepLogs(logs);
  }

  /** The field is resolved by the function, whatever it is asked. */
  resolveBy(target: ProductFunction, typeName: string, fieldName: string, code: string): void {
    const role = new Role(target, 'CallerRole', { assumedBy: new ServicePrincipal('appsync.amazonaws.com') });
    role.addToPolicy(allow(['lambda:InvokeFunction'], target.lambda.functionArn));
    const source = new CfnDataSource(target, 'DataSource', {
      apiId: this.id,
      name: fieldName,
      type: 'AWS_LAMBDA',
      serviceRoleArn: role.roleArn,
      lambdaConfig: { lambdaFunctionArn: target.lambda.functionArn },
    });
    this.resolve(target, source, typeName, fieldName, code);
  }

  /** Fields that need nothing but their code: AppSync's data source of type NONE. */
  resolveLocally(fields: { typeName: string; fieldName: string; code: string }[]): void {
    const source = new CfnDataSource(this, 'Local', { apiId: this.id, name: 'local', type: 'NONE' });
    for (const { typeName, fieldName, code } of fields) {
      this.resolve(new Construct(this, fieldName), source, typeName, fieldName, code);
    }
  }

  /** To publish, and nothing else of the API. */
  grantPublish(): Grant {
    const field = `${this.api.attrArn}/types/Mutation/fields/${PUBLISHING}`;
    return { value: this.graphqlUrl, statements: [allow(['appsync:GraphQL'], field)] };
  }

  private resolve(scope: Construct, source: CfnDataSource, typeName: string, fieldName: string, code: string): void {
    const resolver = new CfnResolver(scope, 'Resolver', {
      apiId: this.id,
      typeName,
      fieldName,
      kind: 'UNIT',
      dataSourceName: source.attrName,
      runtime: { name: 'APPSYNC_JS', runtimeVersion: '1.0.0' },
      code,
    });
    resolver.addResourceDependency(this.schema);
  }

  /** AppSync writes to a group of this name; made by us, it has a retention. */
  private keepLogs(role: Role): void {
    const group = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/appsync/apis/${this.id}`,
      retention: LOG_RETENTION,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    role.addToPolicy(allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], group.logGroupArn));
  }
}
