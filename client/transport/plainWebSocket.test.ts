import { afterEach, expect, test, vi } from 'vitest';
import { allowPlainWebSocket } from './plainWebSocket.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('drops TLS for the host of an http API alone', () => {
  const asked: string[] = [];
  class FakeWebSocket {
    constructor(url: string | URL) {
      asked.push(String(url));
    }
  }
  vi.stubGlobal('WebSocket', FakeWebSocket);
  allowPlainWebSocket(new URL('https://secure.example/graphql'));
  expect(globalThis.WebSocket).toBe(FakeWebSocket);

  allowPlainWebSocket(new URL('http://127.0.0.1:4000/graphql'));
  for (const host of ['127.0.0.1:4000', '127.0.0.1:4001', 'secure.example']) {
    new WebSocket(`wss://${host}/graphql/realtime`);
  }
  expect(asked).toEqual([
    'ws://127.0.0.1:4000/graphql/realtime',
    'wss://127.0.0.1:4001/graphql/realtime',
    'wss://secure.example/graphql/realtime',
  ]);
});
