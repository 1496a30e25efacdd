import * as z from 'zod';
import type { RequestStatus } from '../../client/request.ts';

/** What came over a socket, before any client had a look at it. */
export interface Pushed {
  /** Whose token opened the socket. */
  listener: string;
  requestId: string;
  owner: string;
  version: number;
  status: RequestStatus;
}

const authorization = z.object({ Authorization: z.string() });
const claims = z.object({ sub: z.string() });
const push = z.object({
  type: z.literal('data'),
  payload: z.object({
    data: z.object({
      onRequestUpdated: z.object({
        requestId: z.string(),
        owner: z.string(),
        version: z.number(),
        status: z.custom<RequestStatus>((value) => typeof value === 'string'),
      }),
    }),
  }),
});

/** Listens in on every WebSocket of this process that is opened from now on. Call it before the first client is made. */
export function tapSockets(onPush: (pushed: Pushed) => void) {
  const Original = globalThis.WebSocket;
  const open = new Set<WebSocket>();

  globalThis.WebSocket = class TappedWebSocket extends Original {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      const listener = listenerOf(protocols);
      open.add(this);
      this.addEventListener('close', () => open.delete(this));
      this.addEventListener('message', ({ data }) => {
        const pushed = push.safeParse(JSON.parse(String(data)));
        if (pushed.success) onPush({ listener, ...pushed.data.payload.data.onRequestUpdated });
      });
    }
  };

  return {
    /** Answers how many. */
    cutAll(): number {
      const count = open.size;
      for (const socket of open) socket.close();
      return count;
    },
    stop() {
      globalThis.WebSocket = Original;
    },
  };
}

/** AppSync takes the token in the subprotocol `header-<base64url of {"Authorization": …}>`. */
function listenerOf(protocols: string | string[] | undefined): string {
  const header = [protocols].flat().find((protocol) => protocol?.startsWith('header-'));
  const json = Buffer.from(header?.slice('header-'.length) ?? '', 'base64url').toString();
  return ownerOfToken(authorization.parse(JSON.parse(json)).Authorization);
}

/** Not verified: whose it is, is all that we want to know. */
export function ownerOfToken(token: string): string {
  const [, payload = ''] = token.split('.');
  return `cognito#${claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).sub}`;
}
