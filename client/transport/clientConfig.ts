import { type AmplifyContext, createAmplifyContext } from 'aws-amplify';
import { LesionError } from '../lesionError.ts';
import { allowPlainWebSocket } from './plainWebSocket.ts';

/** Says where the API is, and who calls. */
export type ClientConfig = {
  /** e.g. `https://….appsync-api.eu-central-1.amazonaws.com/graphql`, or `http://127.0.0.1:4000/graphql` for a local one. */
  graphqlUrl: string;
  region?: string;
} & (
  | {
      /**
       * The signed-in user's JWT (Cognito access or id token). Asked for at every call and every (re)connect, so it
       * should be quick and give a fresh one, as `fetchAuthSession` of aws-amplify/auth does.
       */
      token(): Promise<string>;
    }
  | {
      /** One tenant for everyone who knows it: for playgrounds and trusted backends, never for an app. */
      apiKey: string;
    }
);

/**
 * aws-amplify configured for one client alone: several of them, with different users, live side by side in a process.
 * (`Amplify.configure` is global, and not touched.)
 *
 * @throws LesionError InvalidInput for a URL that is none, or where there is no WebSocket
 */
export function amplifyContext(config: ClientConfig): AmplifyContext {
  const url = parseUrl(config.graphqlUrl);
  if (typeof globalThis.WebSocket !== 'function') {
    throw new LesionError(
      'InvalidInput',
      'There is no global WebSocket here. Use Node 22 or later, or set globalThis.WebSocket.',
    );
  }
  allowPlainWebSocket(url);
  const api = { endpoint: url.href, ...(config.region && { region: config.region }) };
  if ('apiKey' in config) {
    return createAmplifyContext({ API: { GraphQL: { ...api, apiKey: config.apiKey, defaultAuthMode: 'apiKey' } } });
  }
  const tokenProvider = {
    getTokens: async () => {
      const token = await config.token();
      return { accessToken: { payload: {}, toString: () => token } };
    },
  };
  return createAmplifyContext(
    { API: { GraphQL: { ...api, defaultAuthMode: 'userPool' } } },
    { Auth: { tokenProvider } },
  );
}

function parseUrl(graphqlUrl: string): URL {
  const url = URL.canParse(graphqlUrl) ? new URL(graphqlUrl) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new LesionError('InvalidInput', `graphqlUrl is no http(s) URL: ${graphqlUrl}`);
}
