import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Cloud, type CloudOptions, startCloud } from './startCloud.ts';

type Resources = Record<string, { Type: string; Properties?: object }>;

const home = mkdtempSync(join(tmpdir(), 'cloud-'));
afterAll(() => rmSync(home, { recursive: true }));

/** A cloud assembly with these resources and one function's code, which tells what it was given. */
function assemblyOf(resources: Resources, answer = 'JSON.stringify(process.env)'): string {
  const directory = mkdtempSync(join(home, 'assembly-'));
  const write = (file: string, content: object) => writeFileSync(join(directory, file), JSON.stringify(content));
  const destinations = { here: { bucketName: 'assets', objectKey: 'code.zip' } };
  mkdirSync(join(directory, 'asset.code'));
  writeFileSync(
    join(directory, 'asset.code', 'index.mjs'),
    `import { appendFileSync } from 'node:fs';
     export const handler = async (event) => {
       appendFileSync(process.env.EVENTS, JSON.stringify(event) + '\\n');
       return { data: ${answer} };
     }`,
  );
  write('manifest.json', {
    artifacts: {
      assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
      Shop: { type: 'aws:cloudformation:stack', properties: { templateFile: 'template.json' } },
    },
  });
  write('assets.json', { files: { code: { source: { path: 'asset.code' }, destinations } } });
  write('template.json', { Resources: resources, Outputs: { Queue: { Value: { Ref: 'Queue' } } } });
  return directory;
}

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const roleWith = (...statements: [string[], object | string][]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {},
    Policies: [
      {
        PolicyDocument: { Statement: statements.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })) },
      },
    ],
  },
});

const schemaWith = (field: string) =>
  `type Query @aws_api_key @aws_cognito_user_pools { echo(word: String): String denied: String ${field} }`;
const events = join(home, 'events');
const code = `export const request = (ctx) => ({ operation: 'Invoke', payload: ctx.arguments });
  export const response = (ctx) => ctx.result.data;`;
const lambdaResolver = { Runtime: { Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' }, Code: code, ApiId: 'x' };
const resources: Resources = {
  Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
  Role: roleWith([
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage'],
    arnOf('Queue'),
  ]),
  echoFunction12345678: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
      Role: arnOf('Role'),
      Environment: {
        Variables: {
          EVENTS: events,
          QUEUE_URL: { Ref: 'Queue' },
          GRAPHQL_URL: { 'Fn::GetAtt': ['Api', 'GraphQLUrl'] },
        },
      },
      VpcConfig: { SubnetIds: [{ Ref: 'Subnet' }] },
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: arnOf('Queue'), FunctionName: { Ref: 'echoFunction12345678' } },
  },
  Subnet: { Type: 'AWS::EC2::Subnet' },
  Caller: roleWith([['lambda:InvokeFunction'], arnOf('echoFunction12345678')]),
  Stranger: roleWith([['lambda:InvokeFunction'], 'arn:aws:lambda:us-east-1:000000000000:function:other']),
  Schedule: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: arnOf('echoFunction12345678'), RoleArn: arnOf('Caller'), Input: '{"scheduled":true}' },
    },
  },
  Pool: { Type: 'AWS::Cognito::UserPool' },
  Client: { Type: 'AWS::Cognito::UserPoolClient' },
  Api: {
    Type: 'AWS::AppSync::GraphQLApi',
    Properties: {
      AuthenticationType: 'AMAZON_COGNITO_USER_POOLS',
      AdditionalAuthenticationProviders: [{ AuthenticationType: 'API_KEY' }],
    },
  },
  Schema: {
    Type: 'AWS::AppSync::GraphQLSchema',
    Properties: { Definition: schemaWith('') },
  },
  Key: { Type: 'AWS::AppSync::ApiKey', Properties: { ApiId: 'x', Expires: 4102444800 } },
  Source: {
    Type: 'AWS::AppSync::DataSource',
    Properties: {
      Name: 'echoing',
      Type: 'AWS_LAMBDA',
      ServiceRoleArn: arnOf('Caller'),
      LambdaConfig: { LambdaFunctionArn: arnOf('echoFunction12345678') },
    },
  },
  DeniedSource: {
    Type: 'AWS::AppSync::DataSource',
    Properties: {
      Name: 'denied',
      Type: 'AWS_LAMBDA',
      ServiceRoleArn: arnOf('Stranger'),
      LambdaConfig: { LambdaFunctionArn: arnOf('echoFunction12345678') },
    },
  },
  Resolver: {
    Type: 'AWS::AppSync::Resolver',
    Properties: {
      ...lambdaResolver,
      TypeName: 'Query',
      FieldName: 'echo',
      DataSourceName: { 'Fn::GetAtt': ['Source', 'Name'] },
    },
  },
  DeniedResolver: {
    Type: 'AWS::AppSync::Resolver',
    Properties: { ...lambdaResolver, TypeName: 'Query', FieldName: 'denied', DataSourceName: 'denied' },
  },
};

async function query(cloud: Cloud, document: string) {
  const { graphqlUrl, apiKey = '' } = cloud.config;
  const body = JSON.stringify({ query: document });
  const response = await fetch(graphqlUrl, { method: 'POST', headers: { 'x-api-key': apiKey }, body });
  return response.json();
}

const received = () =>
  readFileSync(events, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('a template that is up', () => {
  let cloud: Cloud;
  const options: CloudOptions = {
    assemblyDir: assemblyOf(resources),
    dataDir: join(home, 'data'),
    firstScheduleInput: { afterRestart: true },
  };
  beforeAll(async () => {
    cloud = await startCloud(options);
  });
  afterAll(() => cloud.stop());

  test('resolves a field by the function of its data source, which has its variables, its credentials and no others', async () => {
    vi.stubEnv('OURS', 'secret');
    const { data } = await query(cloud, '{ echo(word: "hello") }');
    vi.unstubAllEnvs();
    expect(received()).toContainEqual({ word: 'hello' });
    const environment = JSON.parse(data.echo);
    expect(environment).toMatchObject({
      QUEUE_URL: cloud.outputs.Queue,
      GRAPHQL_URL: cloud.config.graphqlUrl,
      AWS_ENDPOINT_URL: cloud.gatewayUrl,
      AWS_ACCESS_KEY_ID: 'AKIALOCALRole',
      NODE_EXTRA_CA_CERTS: cloud.certFile,
    });
    expect(environment).not.toHaveProperty('OURS');
    expect(environment).not.toHaveProperty('AWS_SESSION_TOKEN');
  });

  test('refuses the call of a data source whose role may not invoke the function', async () => {
    expect(await query(cloud, '{ denied }')).toMatchObject({ data: { denied: null } });
    expect(cloud.iam.refused()).toContainEqual(
      expect.objectContaining({ accessKeyId: 'AKIALOCALStranger', action: 'lambda:InvokeFunction' }),
    );
    expect(readFileSync(join(cloud.logDir, 'cloud.log'), 'utf8')).toContain(
      'not authorized to perform: lambda:InvokeFunction',
    );
  });

  test('tells clients what they need, and gives a dev user a token that the API takes', async () => {
    expect(await (await fetch(new URL('/config.json', cloud.config.graphqlUrl))).json()).toEqual(cloud.config);
    const origin = 'http://localhost:5173'; // a web app in development, which may read it as another site may not
    const asked = { method: 'POST', headers: { origin }, body: '{"user":"alice"}' };
    const response = await fetch(cloud.config.tokenUrl, asked);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    const { token } = await response.json();
    const body = '{"query":"{ __typename }"}';
    const answer = await fetch(cloud.config.graphqlUrl, { method: 'POST', headers: { authorization: token }, body });
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
    expect((await fetch(cloud.config.tokenUrl, { method: 'POST', body: 'alice' })).status).toBe(400);
  });

  test('says what it leaves out', () => {
    expect([...cloud.notes.leftOut.keys()]).toEqual(['AWS::EC2::Subnet']);
    expect(cloud.resources).not.toHaveProperty('Subnet');
  });

  test('takes on new code and a new field while clients stay connected', async () => {
    const { realtimeUrl, apiKey } = cloud.config;
    const header = Buffer.from(JSON.stringify({ host: new URL(realtimeUrl).host, 'x-api-key': apiKey })).toString(
      'base64',
    );
    const socket = new WebSocket(`${realtimeUrl}?header=${header}&payload=e30=`, 'graphql-ws');
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const newField = {
      Schema: { Type: 'AWS::AppSync::GraphQLSchema', Properties: { Definition: schemaWith('added: String') } },
    };
    const Properties = { ...resources.Resolver?.Properties, FieldName: 'added' };
    const added = { ...newField, AddedResolver: { Type: 'AWS::AppSync::Resolver', Properties } };

    expect(await cloud.reload(assemblyOf({ ...resources, ...added }, '"new code"'))).toBe(true);
    expect(await query(cloud, '{ echo added }')).toEqual({ data: { echo: 'new code', added: 'new code' } });
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.close();
    expect(await cloud.reload(options.assemblyDir)).toBe(true);
    expect(await cloud.reload(options.assemblyDir)).toBe(false);
  });

  test('takes on new code while the old still runs, to its end', async () => {
    const started = received().length;
    const go = join(home, 'go');
    const slow = `await import('node:fs').then(async ({ existsSync }) => {
      while (!existsSync('${go}')) await new Promise((resolve) => setTimeout(resolve, 10));
      return 'old code';
    })`;
    await cloud.reload(assemblyOf(resources, slow));
    const answer = query(cloud, '{ echo }');
    await vi.waitFor(() => expect(received().length).toBeGreaterThan(started), 5000);
    await cloud.reload(assemblyOf(resources, '"new code"'));
    expect(await query(cloud, '{ echo }')).toEqual({ data: { echo: 'new code' } });
    writeFileSync(go, '');
    expect(await answer).toEqual({ data: { echo: 'old code' } });
    await cloud.reload(options.assemblyDir);
  });

  test('goes on as before when what is new cannot be brought up', async () => {
    const refused = assemblyOf({ ...resources, New: { Type: 'AWS::StepFunctions::StateMachine' } });
    await expect(cloud.reload(refused)).rejects.toThrow('AWS::StepFunctions::StateMachine is not emulated');
    expect(await query(cloud, '{ echo }')).toMatchObject({ data: { echo: expect.stringContaining('AKIALOCALRole') } });
  });

  test('after a restart on the same data has the same keys, and the schedule is told that the queues are lost', async () => {
    const { apiKey } = cloud.config;
    const pids = [...cloud.functions.values()].flatMap((lambda) => lambda.pids());
    expect(pids).toHaveLength(1);
    await cloud.stop();
    expect(() => process.kill(pids[0] ?? 0, 0)).toThrow('ESRCH');
    cloud = await startCloud(options);
    expect(cloud.config.apiKey).toBe(apiKey);
    await vi.waitFor(() => expect(received().at(-1)).toEqual({ scheduled: true, afterRestart: true }), 5000);
  });
});

test('names that the template gives are kept, and others are made that the service takes', async () => {
  const { echoFunction12345678, Mapping } = resources;
  const table = {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
  const named = {
    ...resources,
    T: { Type: 'AWS::DynamoDB::Table', Properties: table },
    Orders: { Type: 'AWS::DynamoDB::Table', Properties: { ...table, TableName: 'shop.orders' } },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'to-ship', VisibilityTimeout: 60 } },
    Photos: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'shop-photos' } },
    Drafts: { Type: 'AWS::S3::Bucket' },
    echoFunction12345678: {
      Type: 'AWS::Lambda::Function',
      Properties: { ...echoFunction12345678?.Properties, FunctionName: 'shop-echo' },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { ...Mapping?.Properties, FunctionName: 'shop-echo' },
    },
  };
  const cloud = await startCloud({ assemblyDir: assemblyOf(named) });
  expect(cloud.resources).toMatchObject({ Orders: 'shop.orders', Photos: 'shop-photos', Drafts: 'drafts' });
  expect(cloud.resources.T).toMatch(/^T-[0-9a-f]{6}$/);
  expect(cloud.resources.Queue).toMatch(/\/to-ship$/);
  expect([...cloud.functions.keys()]).toEqual(['shop-echo']);
  expect(await query(cloud, '{ echo }')).toMatchObject({ data: { echo: expect.stringContaining('"shop-echo"') } });
  await cloud.stop();
});

describe('values of secrets', () => {
  const SecretString = '{"user":"shop","password":""}';
  const withSecrets = {
    ...resources,
    Mail: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'shop/mail', SecretString } },
    Shipping: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString } },
  };
  const startWith = (secrets: NonNullable<CloudOptions['secrets']>) =>
    startCloud({ assemblyDir: assemblyOf(withSecrets), secrets });

  test('fill empty fields of the secrets that are named, and no others', async () => {
    const cloud = await startWith({ 'shop/mail': { password: 'given' } });
    const { gatewayUrl: endpoint, operator: credentials, config } = cloud;
    const client = new SecretsManagerClient({ endpoint, credentials, region: config.region });
    const secretNamed = async (SecretId: string) => {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
      return JSON.parse(SecretString ?? '');
    };
    expect(await secretNamed('shop/mail')).toEqual({ user: 'shop', password: 'given' });
    expect(await secretNamed('Shipping')).toEqual({ user: 'shop', password: '' });
    await cloud.stop();
  });

  test.each([
    [{ Post: { password: 'x' } }, 'The template has no secret Post; it has Mail, shop/mail, Shipping'],
    [{ Mail: { user: 'x' } }, 'Mail (AWS::SecretsManager::Secret): Error: there is no empty field "user" to fill in'],
    [{ Mail: { pin: 'x' } }, 'Mail (AWS::SecretsManager::Secret): Error: there is no empty field "pin" to fill in'],
  ])('that have no place, %j, stop the start', async (secrets, message) => {
    await expect(startWith(secrets)).rejects.toThrow(message);
  });
});

describe('a start that cannot be', () => {
  const startWith = (changes: Resources, options: CloudOptions = {}) =>
    startCloud({ assemblyDir: assemblyOf({ ...resources, ...changes }), ...options });
  const echo = (changes: object) => ({
    echoFunction12345678: {
      Type: 'AWS::Lambda::Function',
      Properties: { ...resources.echoFunction12345678?.Properties, ...changes },
    },
  });

  test.each<[string, Resources, string]>([
    [
      'a resource type',
      { New: { Type: 'AWS::StepFunctions::StateMachine' } },
      'New: AWS::StepFunctions::StateMachine is not emulated',
    ],
    [
      'a property',
      echo({ Layers: ['x'] }),
      'echoFunction12345678 (AWS::Lambda::Function): ✖ Unrecognized key: "Layers"',
    ],
    [
      'a property of a mapping',
      {
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { ...resources.Mapping?.Properties, Queues: [] },
        },
      },
      'Mapping (AWS::Lambda::EventSourceMapping): ✖ Unrecognized key: "Queues"',
    ],
    ['a time-out', echo({ Timeout: 901 }), 'Too big: expected number to be <=900'],
    [
      'a variable',
      echo({ Environment: { Variables: { AWS_REGION: 'eu-west-1' } } }),
      'sets a variable that Lambda reserves',
    ],
    [
      'a batch without a window',
      {
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { ...resources.Mapping?.Properties, BatchSize: 11 },
        },
      },
      'A BatchSize above 10 takes a MaximumBatchingWindowInSeconds',
    ],
    [
      'an attribute',
      echo({ Environment: { Variables: { X: { 'Fn::GetAtt': ['Queue', 'Colour'] } } } }),
      'Colour of Queue (AWS::SQS::Queue) is not emulated',
    ],
    [
      'a variable that needs what is left out',
      echo({ Environment: { Variables: { SUBNET: { Ref: 'Subnet' } } } }),
      'Environment.Variables.SUBNET',
    ],
    [
      'a name of a bucket that S3 would not take',
      { New: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'Photos' } } },
      'New (AWS::S3::Bucket): ✖ is no name that S3 takes',
    ],
    [
      'a name that two resources have',
      {
        A: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'same' } },
        B: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'same' } },
      },
      'B (AWS::SQS::Queue): Error: same is the name of A already',
    ],
    [
      'a handler whose file is not there',
      echo({ Handler: 'main.handler' }),
      'echo: its handler is main.handler, but there is no main.mjs or main.js or main.cjs in',
    ],
    [
      'a resolver that uses what is not emulated, with its line',
      {
        Resolver: {
          Type: 'AWS::AppSync::Resolver',
          Properties: {
            ...resources.Resolver?.Properties,
            Code: "import { util } from '@aws-appsync/utils';\nexport const request = () => ({});\nexport const response = () => util.urlEncode('ä');",
          },
        },
      },
      'The resolver Query.echo is not valid APPSYNC_JS: Error: line 3: util.urlEncode is not emulated',
    ],
    [
      'a managed policy',
      {
        More: {
          Type: 'AWS::IAM::Role',
          Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
        },
      },
      'More (AWS::IAM::Role): ✖ a managed policy that is not emulated',
    ],
    [
      'a schedule',
      {
        Schedule: {
          Type: 'AWS::Scheduler::Schedule',
          Properties: { ...resources.Schedule?.Properties, ScheduleExpression: 'cron(0 * * * ? *)' },
        },
      },
      'cron(0 * * * ? *) is not emulated; rate(…) is',
    ],
    [
      'a queue less visible than its function runs',
      echo({ Timeout: 90 }),
      'Queue visibility timeout: 60 seconds is less than Function timeout: 90 seconds',
    ],
  ])('for %s names it', async (_what, changes, message) => {
    await expect(startWith(changes)).rejects.toThrow(message);
  });

  test('for a port in use says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(startWith({}, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
  });
});
