import { type GraphQLSchema, parse, print } from 'graphql';
import { selectEveryField } from './selectEveryField.ts';

/** graphql-codegen plugin: the publisher's mutation, selecting every field of Request. */
export function plugin(schema: GraphQLSchema): string {
  const selection = selectEveryField(schema, 'Request');
  const document = parse(
    `mutation PublishRequestUpdate($request: AWSJSON!) { publishRequestUpdate(request: $request) ${selection} }`,
  );
  return `export const publishRequestUpdate = \`${print(document)}\`;\n`;
}
