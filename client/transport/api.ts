import type { AmplifyContext } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import type { ApiField } from '../generated/contract.ts';
import * as operations from '../generated/operations.ts';
import { LesionError } from '../lesionError.ts';
import type { Model, Request } from '../request.ts';
import { aborted } from '../timing/abortable.ts';
import { toLesionError } from './toLesionError.ts';

type Upload = operations.CreateUploadMutation['createUpload'];
export type RequestPage = operations.ListRequestsQuery['listRequests'];

/** The operations of schema.graphql that need no subscription, one call each: all of them. They throw LesionError. */
export interface Api extends Record<ApiField, unknown> {
  createUpload(input: operations.CreateUploadInput, signal?: AbortSignal): Promise<Upload>;
  submitRequest(input: operations.SubmitRequestInput): Promise<Request>;
  getResult(requestId: string, signal?: AbortSignal): Promise<Request | null>;
  listRequests(page: operations.ListRequestsQueryVariables, signal?: AbortSignal): Promise<RequestPage>;
  cancelRequest(requestId: string): Promise<Request>;
  retryRequest(requestId: string): Promise<Request>;
  deleteRequest(requestId: string): Promise<Request>;
  getModel(signal?: AbortSignal): Promise<Model>;
}

/** Milliseconds: AppSync answers within 30 s, and amplify asks up to three times. */
const CALL_TIMEOUT = 100_000;

export function createApi(context: AmplifyContext): Api {
  const amplify = generateClient(context);

  const call = async <T>(answer: Promise<{ data: T }>, signal?: AbortSignal, requestId?: string): Promise<T> => {
    const cancel = () => amplify.cancel(answer);
    const timer = setTimeout(cancel, CALL_TIMEOUT);
    signal?.addEventListener('abort', cancel);
    try {
      if (signal?.aborted) cancel();
      return (await answer).data;
    } catch (thrown) {
      if (signal?.aborted) throw aborted(signal, requestId);
      if (amplify.isCancelError(thrown))
        throw new LesionError('Network', 'The API did not answer in time.', { requestId });
      throw toLesionError(thrown, requestId);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  };

  return {
    async createUpload(input, signal) {
      const query = operations.createUpload;
      return (await call(amplify.graphql({ query, variables: { input } }), signal)).createUpload;
    },
    async submitRequest(input) {
      return (await call(amplify.graphql({ query: operations.submitRequest, variables: { input } }))).submitRequest;
    },
    async getResult(requestId, signal) {
      const answer = amplify.graphql({ query: operations.getResult, variables: { requestId } });
      return (await call(answer, signal, requestId)).getResult;
    },
    async listRequests(variables, signal) {
      return (await call(amplify.graphql({ query: operations.listRequests, variables }), signal)).listRequests;
    },
    async cancelRequest(requestId) {
      const answer = amplify.graphql({ query: operations.cancelRequest, variables: { requestId } });
      return (await call(answer, undefined, requestId)).cancelRequest;
    },
    async retryRequest(requestId) {
      const answer = amplify.graphql({ query: operations.retryRequest, variables: { requestId } });
      return (await call(answer, undefined, requestId)).retryRequest;
    },
    async deleteRequest(requestId) {
      const answer = amplify.graphql({ query: operations.deleteRequest, variables: { requestId } });
      return (await call(answer, undefined, requestId)).deleteRequest;
    },
    async getModel(signal) {
      return (await call(amplify.graphql({ query: operations.getModel }), signal)).getModel;
    },
  };
}
