import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { Kind, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ENTRIES } from './bundling/bundles.ts';
import { apiKeyExpiry } from './stack.ts';
import { ROOT, resource, resources, synthesize, violations } from './testing/testStack.ts';

const sagemakerImage = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/lesions/model:1.0.0';
const template = synthesize();
const withoutVpc = synthesize({ cache: 's3' });
const names = Object.keys(ENTRIES);

describe('each combination of options makes a template', () => {
  const combinations = ['redis', 's3'].flatMap((cache) =>
    ['lambda', 'sagemaker'].flatMap((inference) => ['s3', 'bundled'].map((model) => ({ cache, inference, model }))),
  );

  test.each(combinations)('$cache, $inference, $model', ({ cache, inference, model }) => {
    const variant = synthesize({ cache, inference, model, sagemakerImage });
    variant.resourceCountIs('AWS::Lambda::Function', names.length);
    variant.resourceCountIs('AWS::ElastiCache::ServerlessCache', cache === 'redis' ? 1 : 0);
    variant.resourceCountIs('AWS::SageMaker::Endpoint', inference === 'sagemaker' ? 1 : 0);
    const { Variables } = environmentOf(variant, 'inference');
    expect({
      redis: 'REDIS_HOST' in Variables && 'REDIS_PORT' in Variables,
      s3: 'HANDOVER_BUCKET_NAME' in Variables,
      model: 'MODEL_BUCKET_NAME' in Variables && 'MODEL_KEY' in Variables,
      endpoint: 'SAGEMAKER_ENDPOINT_NAME' in Variables,
    }).toEqual({
      redis: cache === 'redis',
      s3: cache === 's3',
      model: inference === 'lambda' && model === 's3',
      endpoint: inference === 'sagemaker',
    });
  });

  test('the same sources and options always make the same one', () => {
    expect(synthesize({}, new Date('2026-03-01T00:00:00Z')).toJSON()).toEqual(template.toJSON());
  });

  test('none breaks a rule that CloudFormation itself checks a template by', { timeout: 60_000 }, () => {
    const found = violations(
      {},
      { cache: 's3', apiKey: true },
      { inference: 'sagemaker', model: 'bundled', sagemakerImage },
    );
    expect(found).toEqual([]);
  });

  test('none needs a custom resource, whose function could do what no function of ours may', () => {
    for (const json of [template.toJSON(), withoutVpc.toJSON()])
      expect(JSON.stringify(json)).not.toMatch(/"(Custom::|AWS::CloudFormation::CustomResource)/);
  });
});

describe('the functions', () => {
  test('run the bundle of their name on Node 24, on x86_64', () => {
    const functions = Object.values(resources(template, 'AWS::Lambda::Function')).map(({ Properties }) => Properties);
    expect(functions.map(({ Description }) => Description).sort()).toEqual([...names].sort());
    for (const properties of functions) {
      expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['x86_64'], Handler: 'index.handler' });
    }
  });

  test('have each a role and a log group of their own, kept for 30 days, in JSON', () => {
    const used = Object.values(resources(template, 'AWS::Lambda::Function')).map(({ Properties }) => Properties);
    expect(new Set(used.map(({ Role }) => JSON.stringify(Role))).size).toBe(names.length);
    for (const name of names) {
      const group = resource(template, 'AWS::Logs::LogGroup', `${name}Logs`);
      expect(group.Properties).toEqual({ LogGroupName: `/SkinLesionApi/${name}`, RetentionInDays: 30 });
      expect(resource(template, 'AWS::Lambda::Function', `${name}Function`).Properties.LoggingConfig).toEqual({
        LogFormat: 'JSON',
        LogGroup: { Ref: expect.stringMatching(`^${name}Logs[0-9A-F]{8}$`) },
      });
    }
  });

  test('are in the VPC only with cache=redis, and then the inference and the enrichment worker alone', () => {
    const inVpc = names.filter(
      (name) => 'VpcConfig' in resource(template, 'AWS::Lambda::Function', `${name}Function`).Properties,
    );
    expect(inVpc.sort()).toEqual(['enrichment', 'inference']);
    expect(JSON.stringify(withoutVpc.toJSON())).not.toMatch(/AWS::EC2|AWS::ElastiCache|VpcConfig/);
  });

  test('hold an inference lease as long as a function can run', () => {
    for (const inference of ['lambda', 'sagemaker']) {
      const variant = synthesize({ inference, sagemakerImage });
      const { Timeout } = resource(variant, 'AWS::Lambda::Function', 'inferenceFunction').Properties;
      expect(environmentOf(variant, 'inference').Variables.LEASE_SECONDS).toBe(String(Timeout));
    }
  });

  test('take limits and names from the options', () => {
    const variant = synthesize({
      retentionDays: 7,
      submissionsPerMinute: 5,
      openaiModel: 'gpt-other',
      inferenceMaxConcurrency: 3,
    });
    expect(environmentOf(variant, 'submitRequest').Variables).toMatchObject({
      RETENTION_DAYS: '7',
      SUBMISSIONS_PER_MINUTE: '5',
    });
    expect(environmentOf(variant, 'enrichment').Variables).toMatchObject({ OPENAI_MODEL: 'gpt-other' });
    expect(resource(variant, 'AWS::Lambda::EventSourceMapping', 'inference').Properties.ScalingConfig).toEqual({
      MaximumConcurrency: 3,
    });
  });
});

describe('the queues', () => {
  const mappings = [
    ['inferenceMessages', 'inference', 'InferenceQueue', 6],
    ['enrichmentMessages', 'enrichment', 'EnrichmentQueue', 5],
    ['deadLetterInferenceQueueDeadLetters', 'deadLetter', 'InferenceQueueDeadLetters', 10],
    ['deadLetterEnrichmentQueueDeadLetters', 'deadLetter', 'EnrichmentQueueDeadLetters', 10],
  ] as const;

  test.each(mappings)(
    '%s: failures are told one by one, and visibility is six times the time-out',
    (mapping, name, queue, batchSize) => {
      expect(resource(template, 'AWS::Lambda::EventSourceMapping', mapping).Properties).toMatchObject({
        BatchSize: batchSize,
        EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching(`^${queue}[0-9A-F]{8}$`), 'Arn'] },
        FunctionName: { Ref: expect.stringMatching(`^${name}Function`) },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
      const { Timeout } = resource(template, 'AWS::Lambda::Function', `${name}Function`).Properties;
      const { VisibilityTimeout } = queueNamed(queue);
      expect(Number(VisibilityTimeout)).toBeGreaterThanOrEqual(6 * Number(Timeout));
    },
  );

  test('a SageMaker endpoint gets its time, and its queue with it', () => {
    const variant = synthesize({ inference: 'sagemaker', sagemakerImage });
    expect(resource(variant, 'AWS::Lambda::Function', 'inferenceFunction').Properties.Timeout).toBe(120);
    variant.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 720 });
  });

  test.each(['InferenceQueue', 'EnrichmentQueue'])(
    '%s gives a message up after five tries, to dead letters kept for 14 days',
    (queue) => {
      expect(queueNamed(queue).RedrivePolicy).toEqual({
        deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(`^${queue}DeadLetters`), 'Arn'] },
        maxReceiveCount: 5,
      });
      expect(queueNamed(`${queue}DeadLetters`).MessageRetentionPeriod).toBe(14 * 86_400);
    },
  );

  test('are encrypted, and refuse plain HTTP', () => {
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
    template.resourceCountIs('AWS::SQS::QueuePolicy', 5);
    template.allResourcesProperties('AWS::SQS::QueuePolicy', { PolicyDocument: { Statement: [REFUSE_PLAIN_HTTP] } });
  });
});

describe('the stream', () => {
  test('goes to the publisher: requests only, in order, bounded, failures parked in a queue', () => {
    expect(resource(template, 'AWS::Lambda::EventSourceMapping', 'publisher').Properties).toEqual({
      EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching('^RequestTable'), 'StreamArn'] },
      FunctionName: { Ref: expect.stringMatching('^publisherFunction') },
      BatchSize: 100,
      BisectBatchOnFunctionError: true,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringMatching('^PublisherFailures'), 'Arn'] } },
      },
      FilterCriteria: { Filters: [{ Pattern: expect.any(String) }] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: 120,
      MaximumRetryAttempts: 5,
      StartingPosition: 'TRIM_HORIZON',
    });
  });

  test('lets pass what is new or changed and has a status', () => {
    const { FilterCriteria } = resource(template, 'AWS::Lambda::EventSourceMapping', 'publisher').Properties;
    const { Filters } = z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }).parse(FilterCriteria);
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { status: { S: [{ exists: true }] } } } },
    ]);
  });
});

describe('what is stored', () => {
  test('the request table is encrypted, backed up, expires its items and outlives the stack', () => {
    const table = resource(template, 'AWS::DynamoDB::Table', 'RequestTable');
    expect(table.DeletionPolicy).toBe('Retain');
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      DeletionProtectionEnabled: true,
      KeySchema: [{ AttributeName: 'requestId', KeyType: 'HASH' }],
    });
  });

  test('its indexes are the list of an owner and the sparse list of what is due', () => {
    const { GlobalSecondaryIndexes } = resource(template, 'AWS::DynamoDB::Table', 'RequestTable').Properties;
    const index = (IndexName: string, hash: string, range: string, ProjectionType: string) => ({
      IndexName,
      KeySchema: [
        { AttributeName: hash, KeyType: 'HASH' },
        { AttributeName: range, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType },
    });
    expect(GlobalSecondaryIndexes).toEqual([
      index('byOwner', 'owner', 'submittedAt', 'ALL'),
      index('due', 'dueBucket', 'dueAt', 'KEYS_ONLY'),
    ]);
  });

  test('the counters of the rate limit are encrypted and expire', () => {
    expect(resource(template, 'AWS::DynamoDB::Table', 'RateLimitTable').Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'ownerMinute', KeyType: 'HASH' }],
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  test('the bucket is encrypted, private, without versions, empties itself within a day and refuses plain HTTP', () => {
    const { Properties } = resource(template, 'AWS::S3::Bucket');
    const daily = (Prefix: string) => expect.objectContaining({ Prefix, ExpirationInDays: 1, Status: 'Enabled' });
    expect(Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: { Rules: [daily('uploads/'), daily('handover/')] },
      CorsConfiguration: { CorsRules: [expect.objectContaining({ AllowedMethods: ['POST'] })] },
    });
    expect(Properties).not.toHaveProperty('VersioningConfiguration');
    template.hasResourceProperties('AWS::S3::BucketPolicy', { PolicyDocument: { Statement: [REFUSE_PLAIN_HTTP] } });
  });

  test('the secret of the LLM is made empty, for an operator to fill', () => {
    expect(resource(template, 'AWS::SecretsManager::Secret').Properties.SecretString).toBe('{"apiKey":""}');
  });

  test('the cache takes connections from the two workers alone', () => {
    const { Properties } = resource(template, 'AWS::EC2::SecurityGroupIngress');
    expect(Properties).toMatchObject({
      FromPort: 6379,
      ToPort: 6379,
      SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching('^HandoverWorkers'), 'GroupId'] },
    });
    template.resourcePropertiesCountIs('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.anyValue() }, 0);
  });
});

describe('the API', () => {
  test('is for users of the pool by default, and for the publisher by IAM', () => {
    expect(resource(template, 'AWS::AppSync::GraphQLApi').Properties).toMatchObject({
      AuthenticationType: 'AMAZON_COGNITO_USER_POOLS',
      AdditionalAuthenticationProviders: [{ AuthenticationType: 'AWS_IAM' }],
      IntrospectionConfig: 'ENABLED',
      ResolverCountLimit: 20,
      LogConfig: { FieldLogLevel: 'ERROR', ExcludeVerboseContent: true },
    });
    template.resourceCountIs('AWS::AppSync::ApiKey', 0);
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: { 'Fn::Join': ['', ['/aws/appsync/apis/', Match.anyValue()]] },
      RetentionInDays: 30,
    });
  });

  test('has a key, its directives and its output only with apiKey=true', () => {
    const withKey = synthesize({ apiKey: true });
    const definition = (of: typeof template) =>
      String(resource(of, 'AWS::AppSync::GraphQLSchema').Properties.Definition);
    expect(definition(withKey)).toMatch(/^type Upload @aws_cognito_user_pools @aws_api_key/m);
    expect(definition(template)).not.toMatch(/^[^#]*@aws_api_key/m);
    expect(resource(withKey, 'AWS::AppSync::ApiKey').Properties.Expires).toBe(Date.UTC(2027, 1, 28) / 1000);
    expect(Object.keys(withKey.findOutputs('ApiKey'))).toEqual(['ApiKey']);
    expect(Object.keys(template.findOutputs('ApiKey'))).toEqual([]);
  });

  test('without introspection holds queries to the depth of the contract', () => {
    const { Properties } = resource(synthesize({ introspection: false }), 'AWS::AppSync::GraphQLApi');
    expect(Properties).toMatchObject({ IntrospectionConfig: 'DISABLED', QueryDepthLimit: 6 });
  });

  test('has one resolver for each field of the contract, run by the function of its name', () => {
    const contract = parse(readFileSync(join(ROOT, 'schema.graphql'), 'utf8'));
    const roots = contract.definitions.filter(
      (it) => it.kind === Kind.OBJECT_TYPE_DEFINITION && /^(Query|Mutation|Subscription)$/.test(it.name.value),
    );
    const fields = roots.flatMap((root) =>
      root.kind === Kind.OBJECT_TYPE_DEFINITION
        ? (root.fields ?? []).map(({ name }) => `${root.name.value}.${name.value}`)
        : [],
    );
    const resolvers = Object.values(resources(template, 'AWS::AppSync::Resolver')).map(({ Properties }) => Properties);
    expect(resolvers.map(({ TypeName, FieldName }) => `${TypeName}.${FieldName}`).sort()).toEqual(fields.sort());
    for (const resolver of resolvers) {
      const source = names.includes(String(resolver.FieldName)) ? `${resolver.FieldName}DataSource` : 'ApiLocal';
      expect(resolver).toMatchObject({
        Kind: 'UNIT',
        Runtime: { Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' },
        DataSourceName: { 'Fn::GetAtt': [expect.stringMatching(`^${source}[0-9A-F]{8}$`), 'Name'] },
      });
    }
  });

  test('an API key lives for under 365 days, the most that AppSync allows, and for 11 months at least', () => {
    for (const day of ['2026-01-01', '2026-12-31', '2027-06-15', '2028-02-29']) {
      const days = apiKeyExpiry(new Date(`${day}T23:59:59Z`)) / 86_400 - Date.parse(day) / 86_400_000;
      expect(days).toBeGreaterThan(330);
      expect(days).toBeLessThan(365);
    }
  });
});

test('people sign in without a secret in the app, by SRP alone, with a password worth the name', () => {
  expect(resource(template, 'AWS::Cognito::UserPoolClient').Properties).toMatchObject({
    GenerateSecret: false,
    ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    PreventUserExistenceErrors: 'ENABLED',
    AccessTokenValidity: 60,
  });
  expect(resource(template, 'AWS::Cognito::UserPool').Properties).toMatchObject({
    Policies: { PasswordPolicy: { MinimumLength: 12 } },
  });
});

test('the sweeper runs every minute', () => {
  expect(resource(template, 'AWS::Scheduler::Schedule').Properties).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    Target: { Arn: { 'Fn::GetAtt': [expect.stringMatching('^sweeperFunction'), 'Arn'] } },
  });
});

test('the SageMaker model names the file that its image runs, for who has no Docker', () => {
  const models = synthesize({ inference: 'sagemaker', sagemakerImage }).findResources('AWS::SageMaker::Model');
  const { Metadata } = z.object({ Metadata: z.object({ Entrypoint: z.string() }) }).parse(Object.values(models)[0]);
  const dockerfile = readFileSync(join(ROOT, 'workers/inference/sagemaker/Dockerfile'), 'utf8');
  expect(dockerfile).toContain(`esbuild ${Metadata.Entrypoint} --bundle`);
  expect(existsSync(join(ROOT, Metadata.Entrypoint))).toBe(true);
});

test('somebody is told of given-up requests, lost or late pushes, backlogs and a silent sweeper', () => {
  const alarms = Object.entries(resources(template, 'AWS::CloudWatch::Alarm'));
  expect(alarms.map(([id]) => id.replace(/^Monitoring(.*).{8}$/, '$1')).sort()).toEqual([
    'PushesLate',
    'PushesLost',
    'SweeperSilent',
    'classificationBacklog',
    'classificationDeadLetters',
    'descriptionBacklog',
    'descriptionDeadLetters',
  ]);
  for (const [, { Properties }] of alarms)
    expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching('^MonitoringAlarms') }]);
});

test('the outputs are what a client and an operator need', () => {
  expect(Object.keys(template.findOutputs('*')).sort()).toEqual([
    'AlarmTopicArn',
    'DashboardUrl',
    'EnrichmentQueueUrl',
    'GraphQLUrl',
    'InferenceQueueUrl',
    'PublisherFailureQueueUrl',
    'RealtimeUrl',
    'Region',
    'RequestTableName',
    'UploadBucketName',
    'UserPoolClientId',
    'UserPoolId',
  ]);
});

const REFUSE_PLAIN_HTTP = Match.objectLike({
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

function environmentOf(of: typeof template, name: string): { Variables: Record<string, unknown> } {
  const { Environment } = resource(of, 'AWS::Lambda::Function', `${name}Function`).Properties;
  return z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(Environment);
}

function queueNamed(name: string): Record<string, unknown> {
  const found = Object.entries(resources(template, 'AWS::SQS::Queue')).find(([id]) =>
    new RegExp(`^${name}[0-9A-F]{8}$`).test(id),
  );
  return found?.[1].Properties ?? {};
}
