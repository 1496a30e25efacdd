// Generated from schema.graphql by `npm run codegen`. Do not edit.
import type {
  Mutation,
  Query,
  QueryGetResultArgs,
  QueryListRequestsArgs,
  MutationCreateUploadArgs,
  MutationSubmitRequestArgs,
  MutationCancelRequestArgs,
  MutationRetryRequestArgs,
  MutationDeleteRequestArgs,
  MutationPublishRequestUpdateArgs,
} from '../../core/generated/schema.ts';
export interface ResolverTypes {
  'Query.getResult': { arguments: QueryGetResultArgs; result: Required<Query>['getResult'] };
  'Query.listRequests': { arguments: QueryListRequestsArgs; result: Required<Query>['listRequests'] };
  'Query.getModel': { arguments: Record<string, never>; result: Required<Query>['getModel'] };
  'Mutation.createUpload': { arguments: MutationCreateUploadArgs; result: Required<Mutation>['createUpload'] };
  'Mutation.submitRequest': { arguments: MutationSubmitRequestArgs; result: Required<Mutation>['submitRequest'] };
  'Mutation.cancelRequest': { arguments: MutationCancelRequestArgs; result: Required<Mutation>['cancelRequest'] };
  'Mutation.retryRequest': { arguments: MutationRetryRequestArgs; result: Required<Mutation>['retryRequest'] };
  'Mutation.deleteRequest': { arguments: MutationDeleteRequestArgs; result: Required<Mutation>['deleteRequest'] };
  'Mutation.publishRequestUpdate': { arguments: MutationPublishRequestUpdateArgs; result: Required<Mutation>['publishRequestUpdate'] };
}
