import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { postPhoto } from './postPhoto.ts';

const photo = new Blob([new Uint8Array(1000)], { type: 'image/jpeg' });
let answer: { status: number; body: string };
let url: string;
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(answer.status).end(answer.body));
});

beforeEach(async () => {
  answer = { status: 204, body: '' };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const s3Error = (code: string, message: string) => `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

test.each([
  [400, s3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size'), 'ImageTooLarge'],
  [403, s3Error('AccessDenied', 'Invalid according to Policy: Policy expired.'), 'ServiceUnavailable'],
  [403, s3Error('AccessDenied', 'Invalid according to Policy: Policy Condition failed'), 'Unauthorized'],
  [503, s3Error('SlowDown', 'Please reduce your request rate.'), 'ServiceUnavailable'],
  [400, s3Error('MalformedPOSTRequest', 'no'), 'InvalidInput'],
  [502, 'a proxy says no', 'ServiceUnavailable'],
])('status %i, %s: throws %s', async (status, body, code) => {
  answer = { status, body };
  await expect(postPhoto({ url, fields: [] }, photo, {})).rejects.toMatchObject({ code, upload: { status } });
});

test('throws Network where nobody answers', async () => {
  await new Promise((resolve) => server.close(resolve));
  const posted = postPhoto({ url, fields: [] }, photo, {});
  await expect(posted).rejects.toMatchObject({ code: 'Network', retryable: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

test('throws Aborted when the signal is', async () => {
  const controller = new AbortController();
  const posted = postPhoto({ url, fields: [] }, photo, {
    signal: controller.signal,
    onUploadProgress: () => controller.abort(),
  });
  await expect(posted).rejects.toMatchObject({ code: 'Aborted' });
});

describe('in a browser', () => {
  class FakeXhr {
    static latest: FakeXhr;
    upload: { onprogress?: (event: { loaded: number }) => void } = {};
    status = 204;
    responseText = '';
    onload = () => {};
    onerror = () => {};
    onabort = () => {};
    onloadend = () => {};
    open = vi.fn();
    abort = () => this.onabort();
    send = vi.fn();
    constructor() {
      FakeXhr.latest = this;
    }
  }

  beforeEach(() => {
    vi.stubGlobal('XMLHttpRequest', FakeXhr);
  });

  test('tells how much has been sent', async () => {
    const seen: number[] = [];
    const posted = postPhoto({ url, fields: [] }, photo, { onUploadProgress: ({ sent }) => seen.push(sent) });
    FakeXhr.latest.upload.onprogress?.({ loaded: 400 });
    FakeXhr.latest.upload.onprogress?.({ loaded: 1200 });
    FakeXhr.latest.onload();
    await posted;
    expect(seen).toEqual([0, 400, 1000, 1000]);
  });

  test('aborts', async () => {
    const controller = new AbortController();
    const posted = postPhoto({ url, fields: [] }, photo, { signal: controller.signal });
    controller.abort();
    await expect(posted).rejects.toMatchObject({ code: 'Aborted' });
  });

  test('throws Network where nobody answers', async () => {
    const posted = postPhoto({ url, fields: [] }, photo, {});
    FakeXhr.latest.onerror();
    await expect(posted).rejects.toMatchObject({ code: 'Network' });
  });
});
