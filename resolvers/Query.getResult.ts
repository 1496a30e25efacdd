import { environment } from '../adapters/environment.ts';
import { createRequestStore } from '../adapters/requestStore.ts';
import { viewOf } from '../core/requestView.ts';
import { fieldHandler } from './field.ts';
import { ownRequest, requestIdArguments } from './ownRequest.ts';

const env = environment(['REQUEST_TABLE_NAME']);
export type Environment = typeof env;

const requests = createRequestStore(env.REQUEST_TABLE_NAME);

export const handler = fieldHandler<'Query.getResult'>(requestIdArguments, async ({ requestId }, owner) => {
  const request = ownRequest(await requests.get(requestId), owner);
  return request ? viewOf(request) : null;
});
