const plainHosts = new Set<string>();
let installed = false;

/**
 * Lets amplify reach a local API that speaks no TLS: it asks for `wss://` whatever the scheme of the API's URL is, and
 * nothing turns that off. The global WebSocket is replaced by one that asks for `ws://` instead, at exactly these hosts.
 *
 * @param graphqlUrl an `https:` URL changes nothing
 */
export function allowPlainWebSocket(graphqlUrl: URL): void {
  if (graphqlUrl.protocol !== 'http:') return;
  plainHosts.add(graphqlUrl.host);
  if (installed) return;
  installed = true;
  globalThis.WebSocket = class PlainWebSocket extends globalThis.WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(plainUrl(url), protocols);
    }
  };
}

function plainUrl(url: string | URL): URL {
  const plain = new URL(url);
  if (plainHosts.has(plain.host) && plain.protocol === 'wss:') plain.protocol = 'ws:';
  return plain;
}
