import { buildSchema, GraphQLObjectType, getNamedType, Kind, parse, type SelectionSetNode } from 'graphql';
import { expect, test } from 'vitest';
import { publishRequestUpdate } from '../../workers/publisher/generated/publishRequestUpdate.ts';
import { contract } from './contract.ts';
import { selectEveryField } from './selectEveryField.ts';

test('selects all fields, nested to the leaves', () => {
  const schema = buildSchema('type Query { a: A } type A { x: Int b: [B!]! } type B { y: String z: E } enum E { one }');
  expect(selectEveryField(schema, 'A').replace(/\s+/g, ' ')).toBe('{ x b { y z } }');
});

test.each([
  ['a type that contains itself', 'type Query { a: A } type A { a: A }', 'A > A contains itself'],
  ['a field with arguments', 'type Query { a: A } type A { f(x: Int): Int }', 'A.f takes arguments'],
  ['a type that is not there', 'type Query { a: Int }', 'no object type A'],
])('refuses %s', (_name, sdl, message) => {
  expect(() => selectEveryField(buildSchema(sdl), 'A')).toThrow(message);
});

test('the publisher selects what a subscriber can ask for: everything', () => {
  const schema = buildSchema(contract);
  const operation = parse(publishRequestUpdate).definitions[0];
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const missing = missingIn(schema.getMutationType()!, operation.selectionSet, ['publishRequestUpdate']);
  expect(missing).toEqual([]);
});

/** Paths of the fields that a selection leaves out; of the outermost type only those named. */
function missingIn(type: GraphQLObjectType, { selections }: SelectionSetNode, names?: string[]): string[] {
  const selected = new Map(selections.flatMap((node) => (node.kind === Kind.FIELD ? [[node.name.value, node]] : [])));
  return Object.values(type.getFields()).flatMap((field) => {
    if (names && !names.includes(field.name)) return [];
    const node = selected.get(field.name);
    const inner = getNamedType(field.type);
    if (!node) return [`${type.name}.${field.name}`];
    return node.selectionSet && inner instanceof GraphQLObjectType ? missingIn(inner, node.selectionSet) : [];
  });
}
