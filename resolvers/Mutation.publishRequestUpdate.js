/** Nothing is stored: the mutation exists so that its result is pushed to those who subscribed. */
export function request(ctx) {
  return { payload: ctx.args.request };
}

export function response(ctx) {
  return ctx.args.request;
}
