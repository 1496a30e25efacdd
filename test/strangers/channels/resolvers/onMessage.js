import { extensions, util } from '@aws-appsync/utils';

export function request() {
  return { payload: null };
}

export function response(ctx) {
  const filter = { or: [{ channel: { eq: ctx.args.channel } }, { channel: { eq: ctx.args.orChannel } }] };
  extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter(filter));
  return null;
}
