import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DocumentNode,
  getIntrospectionQuery,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { INTROSPECTION_DEPTH_LIMIT, QUERY_DEPTH_LIMIT } from './constructs/api.ts';
import { schemaDefinition } from './schemaDefinition.ts';
import { ROOT } from './testing/testStack.ts';

const contract = readFileSync(join(ROOT, 'schema.graphql'), 'utf8');

describe.each([false, true])('with apiKey=%s', (apiKey) => {
  const document = parse(schemaDefinition(contract, apiKey));
  const users = ['aws_cognito_user_pools', ...(apiKey ? ['aws_api_key'] : [])];

  test('the publisher and every user may read Request and every type below it', () => {
    const below = typesBelow(document, 'Request');
    expect(below.length).toBeGreaterThan(10);
    for (const type of below)
      expect([type.name.value, authOf(type)]).toEqual([type.name.value, [...users, 'aws_iam'].sort()]);
  });

  test('every other type that a field answers is for users alone', () => {
    const belowRequest = new Set(typesBelow(document, 'Request').map(({ name }) => name.value));
    const roots = ['Query', 'Mutation', 'Subscription'];
    const others = roots
      .flatMap((root) => typesBelow(document, root))
      .filter(({ name }) => ![...roots, ...belowRequest].includes(name.value));
    expect(others.length).toBeGreaterThan(3);
    for (const type of others) expect([type.name.value, authOf(type)]).toEqual([type.name.value, [...users].sort()]);
  });

  test('each field of the root types says who may call it; publishing is for IAM alone', () => {
    for (const root of ['Query', 'Mutation', 'Subscription']) {
      for (const field of typeNamed(document, root)?.fields ?? []) {
        const expected = field.name.value === 'publishRequestUpdate' ? ['aws_iam'] : [...users].sort();
        expect([field.name.value, authOf(field)]).toEqual([field.name.value, expected]);
      }
    }
  });
});

test('without the API key the contract is deployed as it stands', () => {
  expect(schemaDefinition(contract, false)).toBe(contract);
  expect(contract).not.toMatch(/^[^#]*@aws_api_key/m);
});

test('the query depth limit lets the deepest query of the contract pass, and little more', () => {
  const document = parse(contract);
  const deepest = Math.max(...['Query', 'Mutation', 'Subscription'].map((root) => depthOf(document, root)));
  expect(QUERY_DEPTH_LIMIT).toBe(deepest + 1);
});

test('where introspection is on, the limit lets the playground introspect', () => {
  const introspection = parse(
    getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true }),
  );
  const operation = introspection.definitions.find((it) => it.kind === Kind.OPERATION_DEFINITION);
  expect(INTROSPECTION_DEPTH_LIMIT).toBe(selectionDepth(introspection, operation!.selectionSet) + 1);
});

function typeNamed(document: DocumentNode, name: string): ObjectTypeDefinitionNode | undefined {
  return document.definitions.find((it) => it.kind === Kind.OBJECT_TYPE_DEFINITION && it.name.value === name) as
    | ObjectTypeDefinitionNode
    | undefined;
}

function typesBelow(document: DocumentNode, name: string, seen = new Set<string>()): ObjectTypeDefinitionNode[] {
  const type = typeNamed(document, name);
  if (!type || seen.has(name)) return [];
  seen.add(name);
  return [type, ...(type.fields ?? []).flatMap((field) => typesBelow(document, nameOf(field.type), seen))];
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}

function authOf({ directives = [] }: Pick<ObjectTypeDefinitionNode, 'directives'>): string[] {
  return directives
    .map(({ name }) => name.value)
    .filter((name) => name !== 'aws_subscribe')
    .sort();
}

function depthOf(document: DocumentNode, name: string): number {
  const fields = typeNamed(document, name)?.fields ?? [];
  return Math.max(0, ...fields.map((field) => 1 + depthOf(document, nameOf(field.type))));
}

function selectionDepth(document: DocumentNode, { selections }: SelectionSetNode): number {
  const depths = selections.map((selection) => {
    if (selection.kind === Kind.FIELD)
      return 1 + (selection.selectionSet ? selectionDepth(document, selection.selectionSet) : 0);
    if (selection.kind === Kind.INLINE_FRAGMENT) return selectionDepth(document, selection.selectionSet);
    const fragment = document.definitions.find(
      (it) => it.kind === Kind.FRAGMENT_DEFINITION && it.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? selectionDepth(document, fragment.selectionSet) : 0;
  });
  return Math.max(...depths);
}
