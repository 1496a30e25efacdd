import { util } from '@aws-appsync/utils';

export const request = () => ({ payload: null });

export function response(ctx) {
  if (util.authType() === 'API Key Authorization') return 'a visitor';
  return ctx.identity.username;
}
