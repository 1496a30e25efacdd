/**
 * The contract as AppSync gets it. With the API key on, whatever a signed-in user may see the key's tenant may see too.
 *
 * @param schema the text of schema.graphql
 */
export function schemaDefinition(schema: string, apiKey: boolean): string {
  if (!apiKey) return schema;
  const lines = schema.split('\n').map((line) => (isComment(line) ? line : withApiKey(line)));
  return lines.join('\n');
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith('#');
}

function withApiKey(line: string): string {
  return line.replaceAll(/@aws_cognito_user_pools\b/g, '$& @aws_api_key');
}
