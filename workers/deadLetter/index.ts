import { environment } from '../../adapters/environment.ts';
import { log } from '../../adapters/log.ts';
import { createRequestStore } from '../../adapters/requestStore.ts';
import { queueHandler } from '../queueHandler.ts';
import { giveUp } from './giveUp.ts';

const env = environment(['REQUEST_TABLE_NAME']);
export type Environment = typeof env;

const requests = createRequestStore(env.REQUEST_TABLE_NAME);

export const handler = queueHandler({
  process: async (requestId, { messageId, attributes }) => {
    const letter = { messageId, sentAt: new Date(Number(attributes.SentTimestamp)) };
    const change = await requests.change(requestId, (request) => giveUp(request, letter, new Date()));
    log.warn('attempts used up', { requestId, status: change?.after.status ?? 'unchanged' });
  },
  concurrency: 5,
});
