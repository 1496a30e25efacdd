import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { selfSignedCertificate } from '../../cloud/network/certificate.ts';

/** Takes every connection, with TLS if asked to, and never says a word. This process trusts its certificate. */
export async function startSilentServer({ tls = false } = {}) {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => void sockets.add(socket.on('error', () => {}).resume());
  const certificate = await selfSignedCertificate();
  if (tls) setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
  const server = tls ? createTlsServer(certificate, keep) : createServer(keep);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    /** How many have connected. */
    connections: () => sockets.size,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
