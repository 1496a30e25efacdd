import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { isLoopback } from '../network/loopback.ts';
import type { startCognito } from './startCognito.ts';

/** What a client has to know. */
export interface ClientConfig {
  graphqlUrl: string;
  realtimeUrl: string;
  region: string;
  /** Undefined where the template has none. */
  apiKey: string | undefined;
  tokenUrl: string;
}

const tokenRequest = z.strictObject({ user: z.string().min(1).max(128) });

/**
 * What a deployed stack gives by its outputs and its user pool: GET /config.json, POST /token {"user"} → {"token"}, and
 * the pool's JWKS.
 */
export function clientRoutes(config: ClientConfig, cognito: ReturnType<typeof startCognito>) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const route = `${request.method} ${request.url?.split('?')[0]}`;
    const { origin } = request.headers;
    // Tokens for the asking: a web app on this machine may read them, a page of some other site may not.
    if (origin && isLoopback(origin))
      response.setHeader('access-control-allow-origin', origin).setHeader('vary', 'origin');
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
      return true;
    };
    if (route === 'GET /config.json') return send(200, config);
    if (route === `GET ${new URL(cognito.issuer).pathname}/.well-known/jwks.json`) return send(200, cognito.jwks());
    if (route === 'OPTIONS /token') {
      response.setHeader('access-control-allow-headers', 'content-type');
      return send(200, {});
    }
    if (route !== 'POST /token') return false;
    const asked = tokenRequest.safeParse(parseJson(await text(request)));
    if (!asked.success) return send(400, { message: `Send {"user":"alice"}: ${z.prettifyError(asked.error)}` });
    return send(200, { token: await cognito.token(asked.data.user) });
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
