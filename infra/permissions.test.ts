import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { NETWORK_INTERFACE_ACTIONS } from './constructs/productFunction.ts';
import { resources, synthesize } from './testing/testStack.ts';

const oneOrMore = z.union([z.json(), z.array(z.json())]).transform((value) => (Array.isArray(value) ? value : [value]));
const policySchema = z.object({
  PolicyDocument: z.object({
    Statement: z.array(z.object({ Effect: z.string(), Action: oneOrMore, Resource: oneOrMore })),
  }),
  Roles: z.array(z.object({ Ref: z.string() })),
});

interface Grant {
  role: string;
  action: string;
  resource: unknown;
}

const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/lesions/model:1.0.0';
const redis = synthesize({ cache: 'redis' });
const variants = {
  redis,
  s3: synthesize({ cache: 's3', apiKey: true }),
  bundled: synthesize({ cache: 's3', model: 'bundled' }),
  sagemaker: synthesize({ inference: 'sagemaker', sagemakerImage: IMAGE }),
};

/** Actions that name no resource because AWS knows none for them, and who has them. */
const WITHOUT_RESOURCE: Record<string, string[]> = {
  ...Object.fromEntries(NETWORK_INTERFACE_ACTIONS.map((action) => [action, ['inference', 'enrichment']])),
  'ecr:GetAuthorizationToken': ['Endpoint'],
};

describe.each(Object.entries(variants))('every grant of the %s variant', (_name, template) => {
  test('names its action in full', () => {
    const grants = grantsOf(template);
    expect(grants.length).toBeGreaterThan(50);
    for (const { action } of grants) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
  });

  test('names a resource, but for the listed ones', () => {
    for (const { role, action, resource } of grantsOf(template).filter(({ resource }) => resource === '*')) {
      expect([role, action, resource]).toEqual([
        expect.stringMatching(`^(${WITHOUT_RESOURCE[action]?.join('|')})`),
        action,
        '*',
      ]);
    }
  });

  test('is one of our own: no policy of AWS is attached, and nobody may scan', () => {
    for (const { Properties } of Object.values(resources(template, 'AWS::IAM::Role'))) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(Properties).not.toHaveProperty('Policies');
    }
    expect(JSON.stringify(template.toJSON())).not.toContain('dynamodb:Scan');
  });

  test('reaches objects under one prefix of the bucket only', () => {
    const onObjects = grantsOf(template).filter(
      ({ action, resource }) => action.startsWith('s3:') && JSON.stringify(resource).includes('UploadBucket'),
    );
    expect(onObjects.length).toBeGreaterThan(5);
    for (const { resource } of onObjects) expect(JSON.stringify(resource)).toMatch(/"\/(uploads|handover)\/\*"/);
  });
});

describe('a function may do exactly what it does', () => {
  test.each([
    ['createUpload', ['s3:PutObject UploadBucket/uploads/*']],
    [
      'submitRequest',
      [
        'dynamodb:GetItem RequestTable',
        'dynamodb:PutItem RequestTable',
        'dynamodb:UpdateItem RateLimitTable',
        's3:GetObject UploadBucket/uploads/*',
        'sqs:SendMessage InferenceQueue',
      ],
    ],
    [
      'cancelRequest',
      ['dynamodb:GetItem RequestTable', 'dynamodb:PutItem RequestTable', 's3:DeleteObject UploadBucket/uploads/*'],
    ],
    [
      'retryRequest',
      [
        'dynamodb:GetItem RequestTable',
        'dynamodb:PutItem RequestTable',
        'dynamodb:UpdateItem RateLimitTable',
        's3:GetObject UploadBucket/uploads/*',
        'sqs:SendMessage InferenceQueue',
      ],
    ],
    [
      'deleteRequest',
      ['dynamodb:GetItem RequestTable', 'dynamodb:PutItem RequestTable', 's3:DeleteObject UploadBucket/uploads/*'],
    ],
    ['getResult', ['dynamodb:GetItem RequestTable']],
    ['listRequests', ['dynamodb:Query RequestTable/index/byOwner']],
    ['getModel', []],
    [
      'inference',
      [
        'dynamodb:GetItem RequestTable',
        'dynamodb:PutItem RequestTable',
        's3:DeleteObject UploadBucket/uploads/*',
        's3:GetObject UploadBucket/uploads/*',
        's3:GetObject cdk-assets/*.onnx',
        'sqs:ChangeMessageVisibility InferenceQueue',
        'sqs:DeleteMessage InferenceQueue',
        'sqs:GetQueueAttributes InferenceQueue',
        'sqs:ReceiveMessage InferenceQueue',
        'sqs:SendMessage EnrichmentQueue',
      ],
    ],
    [
      'enrichment',
      [
        'dynamodb:GetItem RequestTable',
        'dynamodb:PutItem RequestTable',
        'secretsmanager:GetSecretValue OpenAiKey',
        'sqs:ChangeMessageVisibility EnrichmentQueue',
        'sqs:DeleteMessage EnrichmentQueue',
        'sqs:GetQueueAttributes EnrichmentQueue',
        'sqs:ReceiveMessage EnrichmentQueue',
      ],
    ],
    [
      'publisher',
      [
        'appsync:GraphQL Api/types/Mutation/fields/publishRequestUpdate',
        'dynamodb:DescribeStream RequestTable.StreamArn',
        'dynamodb:GetRecords RequestTable.StreamArn',
        'dynamodb:GetShardIterator RequestTable.StreamArn',
        'dynamodb:ListStreams RequestTable/stream/*',
        'sqs:SendMessage PublisherFailures',
      ],
    ],
    [
      'deadLetter',
      [
        'dynamodb:GetItem RequestTable',
        'dynamodb:PutItem RequestTable',
        'sqs:DeleteMessage EnrichmentQueueDeadLetters',
        'sqs:DeleteMessage InferenceQueueDeadLetters',
        'sqs:GetQueueAttributes EnrichmentQueueDeadLetters',
        'sqs:GetQueueAttributes InferenceQueueDeadLetters',
        'sqs:ReceiveMessage EnrichmentQueueDeadLetters',
        'sqs:ReceiveMessage InferenceQueueDeadLetters',
      ],
    ],
    [
      'sweeper',
      [
        'dynamodb:GetItem RequestTable',
        'dynamodb:PutItem RequestTable',
        'dynamodb:Query RequestTable/index/due',
        'dynamodb:UpdateItem RequestTable',
        's3:DeleteObject UploadBucket/uploads/*',
        'sqs:SendMessage EnrichmentQueue',
        'sqs:SendMessage InferenceQueue',
      ],
    ],
  ])('%s', (name, expected) => {
    expect(ownGrants(redis, name)).toEqual(expected);
  });

  test('with cache=s3 one worker puts the hand-over and the other gets and deletes it', () => {
    expect(ownGrants(variants.s3, 'inference')).toContain('s3:PutObject UploadBucket/handover/*');
    const onHandover = ownGrants(variants.s3, 'enrichment').filter((grant) => grant.includes('handover/*'));
    expect(onHandover).toEqual(['s3:DeleteObject UploadBucket/handover/*', 's3:GetObject UploadBucket/handover/*']);
  });

  test('with model=bundled the inference function reads no asset', () => {
    expect(ownGrants(variants.bundled, 'inference').filter((grant) => grant.includes('cdk-assets'))).toEqual([]);
  });

  test('with inference=sagemaker it calls the endpoint, and only the endpoint reads the model', () => {
    const grants = ownGrants(variants.sagemaker, 'inference');
    expect(grants).toContain('sagemaker:InvokeEndpoint Endpoint');
    expect(grants.filter((grant) => grant.includes('cdk-assets'))).toEqual([]);
    expect(ownGrants(variants.sagemaker, 'Endpoint')).toContain('s3:GetObject cdk-assets/*.gz');
  });

  test('AppSync and the scheduler may call their own function, unqualified', () => {
    expect(ownGrants(redis, 'getResultCaller')).toEqual(['lambda:InvokeFunction getResultFunction']);
    expect(ownGrants(redis, 'SweeperCaller')).toEqual(['lambda:InvokeFunction sweeperFunction']);
  });
});

function grantsOf(template: Template): Grant[] {
  return Object.values(resources(template, 'AWS::IAM::Policy')).flatMap(({ Properties }) => {
    const { PolicyDocument, Roles } = policySchema.parse(Properties);
    const allowed = PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');
    return allowed.flatMap(({ Action, Resource }) =>
      Action.flatMap((action) =>
        Resource.map((resource) => ({ role: Roles[0]?.Ref ?? '', action: String(action), resource })),
      ),
    );
  });
}

/** Without what every function has: its log group and, in the VPC, its network interfaces. */
function ownGrants(template: Template, name: string): string[] {
  const own = grantsOf(template).filter(({ role }) => new RegExp(`^${name}Role[0-9A-F]{8}$`).test(role));
  const lines = own
    .filter(({ action }) => !/^(logs|ec2):/.test(action))
    .map(({ action, resource }) => `${action} ${short(resource)}`);
  return lines.sort();
}

/** An ARN made of intrinsics as a person would write it: hashes, attributes called Arn and the punctuation left out. */
function short(resource: unknown): string {
  return JSON.stringify(resource)
    .replace(/.*cdk-hnb659fds-assets.*"\/[0-9a-f]{64}(\.[a-z.]+)".*/, 'cdk-assets/*$1')
    .replaceAll(/"(Fn::GetAtt|Fn::Join|Ref)"|"Arn"|[0-9A-F]{8}(?=")|[[\]{}":]/g, '')
    .replaceAll(/,(StreamArn)/g, '.$1')
    .replaceAll(',', '');
}
