import type { LesionClient } from './lesionClient.ts';
import { openSubscription } from './push/subscription.ts';
import { createUpdateFeed } from './push/updateFeed.ts';
import type { Request } from './request.ts';
import { onForeground } from './timing/onForeground.ts';
import { createApi } from './transport/api.ts';
import { amplifyContext, type ClientConfig } from './transport/clientConfig.ts';
import { createSubmission } from './upload/submission.ts';

/** Milliseconds. */
const LISTEN_TIMEOUT = 60_000;

/**
 * The client of skin-lesion-api, on aws-amplify.
 *
 * @throws LesionError InvalidInput for a configuration that cannot work
 */
export function createClient(config: ClientConfig): LesionClient {
  const context = amplifyContext(config);
  const api = createApi(context);
  const feed = createUpdateFeed({
    openPush: (listener) => openSubscription(context, listener),
    read: (requestId) => api.getResult(requestId),
  });
  const stopWatchingForeground = onForeground(feed.resume);

  return {
    ...createSubmission(api, feed),
    watch: (requestId, options) => feed.follow(requestId, options),
    result: (requestId, options) => api.getResult(requestId, options?.signal),
    list: ({ signal, limit, nextToken } = {}) => api.listRequests({ limit, nextToken: nextToken ?? undefined }, signal),
    async *listAll({ pageSize, signal } = {}) {
      let nextToken: string | undefined;
      do {
        const page = await api.listRequests({ limit: pageSize, nextToken }, signal);
        yield* page.items;
        nextToken = page.nextToken ?? undefined;
      } while (nextToken);
    },
    cancel: async (requestId) => expecting(await api.cancelRequest(requestId)),
    async retry(requestId) {
      const request = await api.retryRequest(requestId);
      feed.startFrom(request);
      return expecting(request);
    },
    remove: async (requestId) => expecting(await api.deleteRequest(requestId)),
    model: (options) => api.getModel(options?.signal),
    async listen(options) {
      const release = feed.channel.hold();
      try {
        await feed.channel.ready({ timeout: LISTEN_TIMEOUT, signal: options?.signal });
        return release;
      } catch (error) {
        release();
        throw error;
      }
    },
    resume: feed.resume,
    close() {
      stopWatchingForeground();
      feed.close();
    },
  };

  function expecting(request: Request): Request {
    feed.expect(request.requestId);
    return request;
  }
}
