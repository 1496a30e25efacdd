import { readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';
import { errorTypes } from '../../core/errors.ts';
import { lifecycle } from '../../core/lifecycle.ts';
import { limits } from '../../core/limits.ts';

/**
 * graphql-codegen plugin: what the client shares with the server beside the schema. The client is a package of its own
 * and imports nothing of ours, so it gets a copy that cannot go stale.
 */
export function plugin(schema: GraphQLSchema) {
  const ended = Object.entries(lifecycle).flatMap(([status, { open }]) => (open ? [] : [status]));
  const content = `
/** Statuses after which nothing more happens by itself. */
export const endedStatuses = ${JSON.stringify(ended)} as const satisfies readonly RequestStatus[];

/** Each field of Query and Mutation that a user may ask for. */
export type ApiField = ${fieldsOfUsers(schema)
    .map((name) => `'${name}'`)
    .join(' | ')};

/** What the API takes. */
export const limits = ${JSON.stringify(limits, undefined, 2)} as const;

/** The server's errors, and whether the same call again can help. */
export const serverErrors = ${JSON.stringify(errorTypes, undefined, 2)} as const;

${errorInfo()}`;
  return { prepend: ["import type { RequestStatus } from './operations.ts';"], content };
}

function fieldsOfUsers(schema: GraphQLSchema): string[] {
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {}),
  );
  const isForUsers = (directives: readonly { name: { value: string } }[] = []) =>
    directives.some(({ name }) => name.value === 'aws_cognito_user_pools');
  return fields.filter(({ astNode }) => isForUsers(astNode?.directives)).map(({ name }) => name);
}

function errorInfo(): string {
  const text = readFileSync('core/errorInfo.ts', 'utf8').replace(/^import .*\n+/gm, '');
  return text.replace(' The client has this file too, by code generation.', '');
}
