import { type GraphQLOutputType, type GraphQLSchema, getNamedType, isLeafType, isObjectType } from 'graphql';

/**
 * The selection set that leaves out nothing: every field of an object type, nested to the leaves.
 * What the publishing mutation does not select, a subscriber never gets, and a filter never sees: so no list by hand.
 *
 * @returns GraphQL text in braces
 * @throws where the type contains itself, or a field takes arguments: neither has one "every field"
 */
export function selectEveryField(schema: GraphQLSchema, typeName: string): string {
  const type = schema.getType(typeName);
  if (!type || !isObjectType(type)) throw new Error(`schema.graphql has no object type ${typeName}`);
  return selectionOf(type, []);
}

function selectionOf(outputType: GraphQLOutputType, path: string[]): string {
  const type = getNamedType(outputType);
  if (isLeafType(type)) return '';
  if (!isObjectType(type)) throw new Error(`cannot select every field of ${type.name}: not an object type`);
  if (path.includes(type.name)) throw new Error(`${[...path, type.name].join(' > ')} contains itself`);
  const fields = Object.values(type.getFields()).map((field) => {
    if (field.args.length > 0) throw new Error(`${type.name}.${field.name} takes arguments`);
    return `${field.name} ${selectionOf(field.type, [...path, type.name])}`;
  });
  return `{ ${fields.join(' ')} }`;
}
