import type { GraphQLObjectType, GraphQLSchema } from 'graphql';

/**
 * graphql-codegen plugin: for each field of Query and Mutation what its Lambda function is given and what it returns,
 * keyed as AppSync names it. Not typescript-resolvers: its signature is graphql-js's, with `any` for the context.
 */
export function plugin(schema: GraphQLSchema) {
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) => (type ? fieldsOf(type) : []));
  const argumentTypes = fields.flatMap(({ argumentType }) => argumentType ?? []);
  const lines = fields.map(
    ({ type, field, argumentType }) =>
      `  '${type}.${field}': { arguments: ${argumentType ?? 'Record<string, never>'}; result: Required<${type}>['${field}'] };`,
  );
  return {
    prepend: [
      `import type {\n  Mutation,\n  Query,\n${argumentTypes.map((name) => `  ${name},\n`).join('')}} from '../../core/generated/schema.ts';`,
    ],
    content: `export interface ResolverTypes {\n${lines.join('\n')}\n}\n`,
  };
}

function fieldsOf(type: GraphQLObjectType) {
  return Object.values(type.getFields()).map(({ name, args }) => ({
    type: type.name,
    field: name,
    argumentType: args.length > 0 ? `${type.name}${name.charAt(0).toUpperCase()}${name.slice(1)}Args` : undefined,
  }));
}
