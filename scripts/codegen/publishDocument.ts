import type { PluginFunction } from '@graphql-codegen/plugin-helpers';
import { parse, print } from 'graphql';
import { selectEveryField } from './selectEveryField.ts';

/** graphql-codegen plugin: the publisher's mutation, selecting every field of Request. */
export const plugin: PluginFunction = (schema) => {
  const selection = selectEveryField(schema, 'Request');
  const document = parse(
    `mutation PublishRequestUpdate($request: AWSJSON!) { publishRequestUpdate(request: $request) ${selection} }`,
  );
  return `export const publishRequestUpdate = \`${print(document)}\`;\n`;
};
