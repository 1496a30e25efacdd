// As a bundler of TypeScript resolvers leaves it.
// resolvers/greet.ts
import { util } from '@aws-appsync/utils';

function request(ctx) {
  console.log('asked by', ctx.identity.userArn, { arguments: ctx.arguments });
  return { payload: null };
}
function response(ctx) {
  const { name } = ctx.arguments;
  if (name.length === 0) {
    console.error('nobody to greet');
    util.error('Whom?', 'NoName');
  }
  return { text: `Hello, ${name}!`, at: util.time.nowISO8601() };
}

export { request, response };
