/**
 * The contract as AppSync gets it. With the API key on, whatever a signed-in user may see the key's tenant may see too.
 *
 * @param schema the text of schema.graphql
 */
export function schemaDefinition(schema: string, apiKey: boolean): string {
  return apiKey ? schema.replaceAll(/@aws_cognito_user_pools\b/g, '$& @aws_api_key') : schema;
}
