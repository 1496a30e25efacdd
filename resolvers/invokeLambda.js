import { util } from '@aws-appsync/utils';

/** Hands a field to its Lambda function: what was asked and by whom, not the headers with the caller's token. */
export function request(ctx) {
  return { operation: 'Invoke', payload: { arguments: ctx.arguments, identity: ctx.identity } };
}

/** A direct Lambda resolver would keep only an error's name; this way type, message and errorInfo reach the client. */
export function response(ctx) {
  if (ctx.error)
    util.error('The API did not answer in time. Try again.', 'ServiceUnavailable', null, { retryable: true });
  if (ctx.result.error) util.error(ctx.result.error.message, ctx.result.error.type, null, ctx.result.error.errorInfo);
  return ctx.result.data;
}
