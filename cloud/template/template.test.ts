// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is how CloudFormation writes references.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Json, type Lookup, readTemplate, resolve } from './template.ts';

const lookup: Lookup = (id, name) => (name ? `${id}:${name}` : `ref(${id})`);

function resolved(value: Json, conditions: Record<string, Json> = {}): Json {
  return resolve(value, lookup, { stackName: 'Shop', conditions });
}

describe('an intrinsic function', () => {
  test.each<[string, Json, Json]>([
    ['Ref to a resource', { Ref: 'Table' }, 'ref(Table)'],
    ['Ref to a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Ref to the stack name', { Ref: 'AWS::StackName' }, 'Shop'],
    ['Ref to AWS::NoValue, which takes the property away', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Cache', 'Endpoint.Address'] }, 'Cache:Endpoint.Address'],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Table.Arn' }, 'Table:Arn'],
    ['Fn::Join', { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':', { Ref: 'Q' }]] }, 'arn:aws:ref(Q)'],
    ['Fn::Split and Fn::Select', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Fn::GetAZs', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'us-east-1a'],
    [
      'Fn::Sub',
      { 'Fn::Sub': 's3://${AWS::AccountId}/${Table}/${Table.Arn}/${!kept}' },
      's3://000000000000/ref(Table)/Table:Arn/${kept}',
    ],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${a}-${Table}', { a: { Ref: 'B' } }] }, 'ref(B)-ref(Table)'],
  ])('%s', (_name, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  test('Fn::If chooses by its condition, and resolves only what it chose', () => {
    const conditions = {
      IsLocal: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
      Never: { 'Fn::Equals': ['a', 'b'] },
    };
    const refused = { 'Fn::ImportValue': 'other' };
    expect(
      resolved(
        [{ 'Fn::If': ['IsLocal', 1, refused] }, { 'Fn::If': ['Never', refused, { Ref: 'AWS::NoValue' }] }],
        conditions,
      ),
    ).toEqual([1]);
    expect(() => resolved({ 'Fn::If': ['Missing', 1, 2] })).toThrow('no condition Missing');
  });

  test.each(['Fn::ImportValue', 'Fn::Cidr', 'Fn::Transform'])('%s is refused by its name', (name) => {
    expect(() => resolved({ deep: [{ [name]: ['x'] }] })).toThrow(`${name} is not emulated: ["x"]`);
  });

  test('stands alone: an object with other keys beside Ref is data', () => {
    expect(resolved({ Ref: 'x', other: 1 })).toEqual({ Ref: 'x', other: 1 });
  });
});

describe('a cloud assembly', () => {
  const directories: string[] = [];
  afterEach(() => {
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  function assemblyOf(resources: Record<string, object>, environment = 'aws://unknown-account/unknown-region'): string {
    const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
    directories.push(directory);
    const write = (file: string, content: object) => writeFileSync(join(directory, file), JSON.stringify(content));
    write('manifest.json', {
      version: '55.0.0',
      artifacts: {
        'Shop.assets': { type: 'cdk:asset-manifest', properties: { file: 'Shop.assets.json' } },
        Shop: { type: 'aws:cloudformation:stack', environment, properties: { templateFile: 'Shop.template.json' } },
        Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
      },
    });
    const destinations = {
      here: { bucketName: 'assets-${AWS::AccountId}-${AWS::Region}', objectKey: 'abc.zip', assumeRoleArn: 'x' },
    };
    write('Shop.assets.json', { files: { abc: { source: { path: 'asset.abc', packaging: 'zip' }, destinations } } });
    write('Shop.template.json', { Resources: resources, Outputs: { Url: { Value: { Ref: 'A' } } } });
    return directory;
  }

  test('gives each resource after what it refers to or depends on', () => {
    const { resources } = readTemplate(
      assemblyOf({
        Mapping: { Type: 'M', Properties: { to: { 'Fn::GetAtt': ['Function', 'Arn'] } } },
        Function: {
          Type: 'F',
          Properties: { env: [{ 'Fn::Sub': '${Table.Arn}/x' }, { Ref: 'AWS::Region' }] },
          DependsOn: ['Policy'],
        },
        Policy: { Type: 'P', Properties: { roles: [{ Ref: 'Role' }] }, DependsOn: 'Table' },
        Role: { Type: 'R' },
        Table: { Type: 'T' },
      }),
    );
    expect(resources.map(({ logicalId }) => logicalId)).toEqual(['Table', 'Role', 'Policy', 'Function', 'Mapping']);
  });

  test('made for an account and a region of its own is run as of here, and says so', () => {
    const topic = { Type: 'T', Properties: { arn: 'arn:aws:sqs:eu-west-1:123456789012:q' } };
    const { resources, madeFor } = readTemplate(assemblyOf({ A: topic }, 'aws://123456789012/eu-west-1'));
    expect(resources[0]?.properties).toEqual({ arn: 'arn:aws:sqs:us-east-1:000000000000:q' });
    expect(madeFor).toBe('123456789012/eu-west-1');
    expect(readTemplate(assemblyOf({ A: topic })).madeFor).toBeUndefined();
  });

  test('that goes in a circle is refused with the way round', () => {
    const circle = { A: { Type: 'T', Properties: { x: { Ref: 'B' } } }, B: { Type: 'T', DependsOn: 'A' } };
    expect(() => readTemplate(assemblyOf(circle))).toThrow('The template goes in a circle: A → B → A');
  });

  test('gives the assets with their place in the asset bucket, and the outputs', () => {
    const directory = assemblyOf({ A: { Type: 'T' } });
    expect(readTemplate(directory)).toMatchObject({
      stackName: 'Shop',
      assets: [{ bucket: 'assets-000000000000-us-east-1', key: 'abc.zip', path: join(directory, 'asset.abc') }],
      outputs: { Url: { Ref: 'A' } },
    });
  });
});
