import {
  concatAST,
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  print,
  visit,
} from 'graphql';

/** The property names by which aws-amplify's `client.graphql()` finds a document's types; it does not export these itself. */
const BRANDS = ['Query', 'Mutation', 'Subscription'].map(
  (kind) => `type Generated${kind}<Variables, Result> = string & {
  __generated${kind}Input: Variables;
  __generated${kind}Output: Result;
};`,
);

/**
 * graphql-codegen plugin: each operation as a string with the fragments it uses, branded with the types that
 * typescript-operations emits beside it. (A string, because aws-amplify carries a graphql-js of its own.)
 */
export function plugin(_schema: GraphQLSchema, documents: { document?: DocumentNode }[]): string {
  const { definitions } = concatAST(documents.flatMap(({ document }) => document ?? []));
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION).map(fragmentString);
  const operations = definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION).map(operationString);
  return [...BRANDS, ...fragments, ...operations].join('\n\n');
}

function fragmentString(fragment: FragmentDefinitionNode): string {
  return `const ${uncapitalized(fragment.name.value)} = \`${print(fragment)}\`;`;
}

function operationString(operation: OperationDefinitionNode): string {
  const name = operation.name?.value;
  if (!name) throw new Error(`an operation without a name: ${print(operation)}`);
  const kind = KIND_SUFFIX[operation.operation];
  const text = [print(operation), ...fragmentsIn(operation).map((fragment) => `\${${uncapitalized(fragment)}}`)];
  const type = `Generated${kind}<${name}${kind}Variables, ${name}${kind}>`;
  return `export const ${uncapitalized(name)} = \`${text.join('\n\n')}\` as ${type};`;
}

const KIND_SUFFIX = {
  query: 'Query',
  mutation: 'Mutation',
  subscription: 'Subscription',
} as const satisfies Record<OperationDefinitionNode['operation'], string>;

function fragmentsIn(definition: DefinitionNode): string[] {
  const names = new Set<string>();
  visit(definition, { FragmentSpread: ({ name }) => void names.add(name.value) });
  return [...names];
}

function uncapitalized(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
