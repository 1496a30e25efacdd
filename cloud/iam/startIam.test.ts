import { describe, expect, test } from 'vitest';
import { type PolicyStatement, startIam } from './startIam.ts';

const KEY = 'AKIALOCALWorkerRole';
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/RequestTable';
const OBJECT = 'arn:aws:s3:::uploads/uploads/owner/1';

function iamWith(...statements: PolicyStatement[]) {
  return startIam(new Map([[KEY, [{ Version: '2012-10-17', Statement: statements }]]]));
}

function allows(
  statement: Partial<PolicyStatement>,
  action: string,
  resource: string,
  context?: Record<string, string>,
) {
  const iam = iamWith({ Effect: 'Allow', Action: '*', Resource: '*', ...statement });
  return iam.authorize(KEY, action, resource, context).allowed;
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
describe('evaluation', () => {
  test('a call that no statement allows is refused, and so is a caller without policies', () => {
    const iam = iamWith({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: TABLE });
    expect(iam.authorize(KEY, 'dynamodb:PutItem', TABLE)).toMatchObject({ allowed: false, explicitDeny: false });
    expect(iam.authorize(KEY, 'dynamodb:GetItem', `${TABLE}2`).allowed).toBe(false);
    expect(iam.authorize('AKIALOCALNobody', 'dynamodb:GetItem', TABLE)).toMatchObject({
      allowed: false,
      unknownKey: true,
    });
  });

  test('an explicit deny wins over any allow, in whatever order they stand', () => {
    const allow: PolicyStatement = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
    const deny: PolicyStatement = { Effect: 'Deny', Action: 's3:DeleteObject', Resource: OBJECT };
    for (const statements of [
      [allow, deny],
      [deny, allow],
    ]) {
      const iam = iamWith(...statements);
      expect(iam.authorize(KEY, 's3:DeleteObject', OBJECT)).toMatchObject({ allowed: false, explicitDeny: true });
      expect(iam.authorize(KEY, 's3:GetObject', OBJECT).allowed).toBe(true);
    }
  });

  test('one statement in place of a list, and lists of actions and resources', () => {
    const both = ['sqs:SendMessage', 'dynamodb:GetItem'];
    const iam = startIam(
      new Map([[KEY, [{ Statement: { Effect: 'Allow', Action: both, Resource: [TABLE, OBJECT] } }]]]),
    );
    expect(iam.authorize(KEY, 'dynamodb:GetItem', TABLE).allowed).toBe(true);
    expect(iam.authorize(KEY, 'sqs:SendMessage', OBJECT).allowed).toBe(true);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
describe('matching', () => {
  test('actions match whatever their case, resources only in their own', () => {
    expect(allows({ Action: 'DynamoDB:putitem' }, 'dynamodb:PutItem', TABLE)).toBe(true);
    expect(allows({ Resource: TABLE.replace('RequestTable', 'requesttable') }, 'dynamodb:PutItem', TABLE)).toBe(false);
  });

  test('* stands for any characters and ? for one', () => {
    expect(allows({ Action: 's3:Get*' }, 's3:GetObject', OBJECT)).toBe(true);
    expect(allows({ Action: 's3:Get?bject' }, 's3:GetObject', OBJECT)).toBe(true);
    expect(allows({ Action: 's3:Get?' }, 's3:GetObject', OBJECT)).toBe(false);
    expect(allows({ Resource: 'arn:aws:s3:::uploads/uploads/*' }, 's3:GetObject', OBJECT)).toBe(true);
    expect(allows({ Resource: 'arn:aws:s3:::uploads/handover/*' }, 's3:GetObject', OBJECT)).toBe(false);
    expect(allows({ Resource: `${TABLE}/index/*` }, 'dynamodb:Query', `${TABLE}/index/byOwner`)).toBe(true);
    expect(allows({ Resource: TABLE }, 'dynamodb:Query', `${TABLE}/index/byOwner`)).toBe(false);
  });

  test('a wildcard does not reach over a colon of the ARN, but in its last part', () => {
    expect(allows({ Resource: 'arn:aws:dynamodb:*:table/RequestTable' }, 'dynamodb:GetItem', TABLE)).toBe(false);
    expect(allows({ Resource: 'arn:aws:dynamodb:*:*:table/RequestTable' }, 'dynamodb:GetItem', TABLE)).toBe(true);
    expect(allows({ Resource: 'arn:aws:logs:*:*:log-group:*' }, 'logs:X', 'arn:aws:logs:a:1:log-group:b:c')).toBe(true);
  });

  test('a character that means something in a regular expression means itself', () => {
    expect(allows({ Resource: 'arn:aws:s3:::a.b/*' }, 's3:GetObject', 'arn:aws:s3:::axb/1')).toBe(false);
    expect(allows({ Resource: 'arn:aws:s3:::a.b(1)/*' }, 's3:GetObject', 'arn:aws:s3:::a.b(1)/x')).toBe(true);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
describe('conditions', () => {
  test('every operator and key must hold, of one key any value', () => {
    const Condition = { StringEquals: { 'a:x': ['1', '2'] }, Bool: { 'aws:SecureTransport': 'true' } };
    expect(allows({ Condition }, 's3:GetObject', OBJECT, { 'a:x': '2', 'aws:SecureTransport': 'true' })).toBe(true);
    expect(allows({ Condition }, 's3:GetObject', OBJECT, { 'a:x': '3', 'aws:SecureTransport': 'true' })).toBe(false);
    expect(allows({ Condition }, 's3:GetObject', OBJECT, { 'a:x': '2', 'aws:SecureTransport': 'false' })).toBe(false);
  });

  test('a condition on a key that the request does not have is not met', () => {
    const Condition = { StringLike: { 's3:prefix': '*' } };
    expect(allows({ Condition }, 's3:ListBucket', 'arn:aws:s3:::uploads')).toBe(false);
  });

  test('StringEquals takes wildcards literally, StringLike, ArnLike and ArnEquals do not', () => {
    const context = { key: 'arn:aws:sqs:us-east-1:0:queue' };
    const value = 'arn:aws:sqs:*:0:queue';
    for (const [operator, met] of Object.entries({
      StringEquals: false,
      StringLike: true,
      ArnLike: true,
      ArnEquals: true,
    })) {
      expect(allows({ Condition: { [operator]: { key: value } } }, 's3:X', OBJECT, context)).toBe(met);
    }
  });
});

describe('what is not emulated is refused by name', () => {
  const base = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
  test.each([
    ['NotAction', { ...base, NotAction: 's3:GetObject' }],
    ['NotResource', { ...base, NotResource: TABLE }],
    ['Principal', { ...base, Principal: '*' }],
    ['IpAddress', { ...base, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    ['StringEqualsIfExists', { ...base, Condition: { StringEqualsIfExists: { x: 'y' } } }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable looks like that
    ['policy variable', { ...base, Resource: 'arn:aws:s3:::uploads/${aws:username}/*' }],
  ])('%s', (name, statement: PolicyStatement) => {
    expect(() => iamWith(statement)).toThrow(name);
  });

  test('an intrinsic that was left in a resource', () => {
    const statement = JSON.parse('{"Effect":"Allow","Action":"*","Resource":{"Ref":"Table"}}');
    expect(() => iamWith(statement)).toThrow('unresolved resource');
  });
});

describe('the record of use', () => {
  test('tells the grants that allowed a call from those that never did', () => {
    const Resource = [TABLE, `${TABLE}/index/*`];
    const iam = iamWith({ Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:Query'], Resource });
    iam.authorize(KEY, 'dynamodb:Query', `${TABLE}/index/byOwner`);
    iam.authorize(KEY, 'dynamodb:PutItem', TABLE);
    const usedGrants = iam.grants().filter((grant) => grant.used);
    expect(iam.grants()).toHaveLength(4);
    expect(usedGrants).toEqual([
      { accessKeyId: KEY, action: 'dynamodb:Query', resource: `${TABLE}/index/*`, used: true },
    ]);
    expect(iam.used()).toEqual([{ accessKeyId: KEY, action: 'dynamodb:Query', resource: `${TABLE}/index/byOwner` }]);
    expect(iam.refused()).toEqual([{ accessKeyId: KEY, action: 'dynamodb:PutItem', resource: TABLE }]);
  });

  test('stays small however many objects are used under one grant', () => {
    const iam = iamWith({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::uploads/*' });
    for (let i = 0; i < 100; i += 1) iam.authorize(KEY, 's3:GetObject', `arn:aws:s3:::uploads/${i}`);
    expect(iam.used()).toHaveLength(1);
  });

  test('a grant that another one before it covers counts as unused', () => {
    const grant: PolicyStatement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::uploads/*' };
    const iam = iamWith(grant, { ...grant, Resource: OBJECT });
    iam.authorize(KEY, 's3:GetObject', OBJECT);
    expect(iam.grants().map(({ used }) => used)).toEqual([true, false]);
  });
});
