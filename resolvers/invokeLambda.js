import { util } from '@aws-appsync/utils';

/** Hands a field to its Lambda function, whole. */
export function request(ctx) {
  const { arguments: args, identity, source, request, info, prev, stash } = ctx;
  return { operation: 'Invoke', payload: { arguments: args, identity, source, request, info, prev, stash } };
}

/** A direct Lambda resolver would keep only an error's name; this way type, message and errorInfo reach the client. */
export function response(ctx) {
  if (ctx.error)
    util.error('The API did not answer in time. Try again.', 'ServiceUnavailable', null, { retryable: true });
  if (ctx.result.error) util.error(ctx.result.error.message, ctx.result.error.type, null, ctx.result.error.errorInfo);
  return ctx.result.data;
}
