import { type GraphQLSchema, isEnumType } from 'graphql';

/**
 * graphql-codegen plugin: the values of every enum of the contract, in its order, so that nobody types them again.
 * `enum Locale` becomes `localeValues`.
 *
 * @param types module that holds the enums' types, as the generated file imports it
 */
export function plugin(schema: GraphQLSchema, _documents: unknown, { types }: { types: string }) {
  const enums = Object.values(schema.getTypeMap()).filter((type) => isEnumType(type) && !type.name.startsWith('__'));
  const names = enums.map(({ name }) => name);
  const lists = enums.filter(isEnumType).map((type) => {
    const values = type.getValues().map(({ name }) => `'${name}'`);
    const list = `${type.name.charAt(0).toLowerCase()}${type.name.slice(1)}Values`;
    return `export const ${list} = [${values.join(', ')}] as const satisfies readonly ${type.name}[];`;
  });
  return { prepend: [`import type { ${names.join(', ')} } from '${types}';`], content: `\n${lists.join('\n')}\n` };
}
