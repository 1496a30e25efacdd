/** graphql-codegen plugin: the first line of every generated file. */
export const plugin = () => ({
  prepend: ['// Generated from schema.graphql by `npm run codegen`. Do not edit.'],
  content: '',
});
