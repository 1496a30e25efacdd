import { util } from '@aws-appsync/utils';

export function request(ctx) {
  return { payload: { channel: ctx.args.channel, by: util.authType(), data: ctx.args.data } };
}

export function response(ctx) {
  return ctx.result;
}
