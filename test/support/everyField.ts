import { buildSchema, type GraphQLField, getNamedType, isLeafType } from 'graphql';
import { contract } from '../../tools/codegen/contract.ts';
import { selectEveryField } from '../../tools/codegen/selectEveryField.ts';

const schema = buildSchema(contract);

/** One field of Query, Mutation or Subscription, as the contract has it. */
export interface RootField {
  /** `Mutation.submitRequest` */
  name: string;
  field: string;
  operation: 'query' | 'mutation' | 'subscription';
  /** An operation with a variable for each argument, which selects every field there is. */
  document: string;
}

/** Every field that a caller can ask for: whatever is added to schema.graphql is in here. */
export const rootFields: RootField[] = [
  ...fieldsOf('query', schema.getQueryType()?.getFields()),
  ...fieldsOf('mutation', schema.getMutationType()?.getFields()),
  ...fieldsOf('subscription', schema.getSubscriptionType()?.getFields()),
];

function fieldsOf(
  operation: RootField['operation'],
  fields: Record<string, GraphQLField<unknown, unknown>> = {},
): RootField[] {
  const typeName = `${operation[0]?.toUpperCase()}${operation.slice(1)}`;
  return Object.values(fields).map((field) => ({
    name: `${typeName}.${field.name}`,
    field: field.name,
    operation,
    document: documentFor(operation, field),
  }));
}

function documentFor(operation: string, { name, args, type }: GraphQLField<unknown, unknown>): string {
  const variables = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const named = getNamedType(type);
  const selection = isLeafType(named) ? '' : selectEveryField(schema, named.name);
  return `${operation} ${variables && `(${variables})`} { ${name} ${given && `(${given})`} ${selection} }`;
}
