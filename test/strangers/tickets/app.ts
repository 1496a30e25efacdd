/** Subscribers with IAM hear of urgent tickets of their own area alone; what fields log is kept for a week. */
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  Code,
  Definition,
  FieldLogLevel,
  FunctionRuntime,
  GraphqlApi,
} from 'aws-cdk-lib/aws-appsync';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

const stack = new Stack(new App(), 'Tickets');
const api = new GraphqlApi(stack, 'Api', {
  name: 'tickets',
  definition: Definition.fromFile(join(import.meta.dirname, 'schema.graphql')),
  authorizationConfig: { defaultAuthorization: { authorizationType: AuthorizationType.IAM } },
  logConfig: { fieldLogLevel: FieldLogLevel.ALL, retention: RetentionDays.ONE_WEEK },
});
const nothing = api.addNoneDataSource('Nothing');
const runtime = FunctionRuntime.JS_1_0_0;
nothing.createResolver('Report', {
  typeName: 'Mutation',
  fieldName: 'report',
  runtime,
  code: Code.fromInline(`
    import { util } from '@aws-appsync/utils';
    export const request = (ctx) => ({ payload: { id: util.autoId(), ...ctx.args } });
    export const response = (ctx) => ctx.result;`),
});
nothing.createResolver('OnUrgent', {
  typeName: 'Subscription',
  fieldName: 'onUrgent',
  runtime,
  code: Code.fromInline(`
    import { extensions } from '@aws-appsync/utils';
    export const request = () => ({ payload: null });
    export function response(ctx) {
      const filters = [
        { fieldName: 'area', operator: 'beginsWith', value: ctx.args.area },
        { fieldName: 'severity', operator: 'ge', value: 3 },
      ];
      extensions.setSubscriptionFilter({ filterGroup: [{ filters }] });
      return null;
    }`),
});
