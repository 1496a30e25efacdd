import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, expect, test, vi } from 'vitest';
import { selfSignedCertificate } from './certificate.ts';

const dir = await mkdtemp(join(tmpdir(), 'certificate-test-'));
afterAll(() => rm(dir, { recursive: true }));

test.each(['localhost', '127.0.0.1'])('a client that trusts the certificate alone connects to %s', async (host) => {
  const { key, cert } = await selfSignedCertificate(dir);
  const server = createServer({ key, cert }, (socket) => socket.end('hello'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const received = await new Promise((resolve, reject) => {
    connect({ host: '127.0.0.1', port, servername: host === 'localhost' ? host : '', ca: cert })
      .once('data', (data) => resolve(data.toString()))
      .once('error', reject);
  });
  expect(received).toBe('hello');
  server.close();
});

test('the certificate is kept in its directory, its key readable by its owner alone', async () => {
  const first = await selfSignedCertificate(dir);
  expect(await selfSignedCertificate(dir)).toEqual(first);
  expect(await readFile(first.certFile, 'utf8')).toBe(first.cert);
  expect((await stat(join(dir, 'localhost.key.pem'))).mode & 0o777).toBe(0o600);
});

test('a certificate about to expire is made anew', async () => {
  const first = await selfSignedCertificate(dir);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 364.5 * 24 * 60 * 60 * 1000 });
  const second = await selfSignedCertificate(dir);
  vi.useRealTimers();
  expect(second.cert).not.toBe(first.cert);
});

test('without a directory a temporary one is used', async () => {
  const { certFile } = await selfSignedCertificate();
  expect(certFile.startsWith(tmpdir())).toBe(true);
  await rm(join(certFile, '..'), { recursive: true });
});
