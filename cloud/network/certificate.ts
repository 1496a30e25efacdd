import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Key and certificate in PEM. */
export interface Certificate {
  key: string;
  cert: string;
  /** Path of the certificate, for NODE_EXTRA_CA_CERTS. */
  certFile: string;
}

/**
 * Key and certificate (PEM) for localhost and 127.0.0.1, made once per `dir` (none given: a temporary one) and again
 * before they expire.
 */
export async function selfSignedCertificate(dir?: string): Promise<Certificate> {
  const home = dir ?? (await mkdtemp(join(tmpdir(), 'certificate-')));
  const [keyFile, certFile] = [join(home, 'localhost.key.pem'), join(home, 'localhost.cert.pem')];
  const kept = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')]).catch(() => undefined);
  if (kept && new X509Certificate(kept[1]).validToDate.getTime() > Date.now() + DAY_MS) {
    return { key: kept[0], cert: kept[1], certFile };
  }
  // For the common name localhost, 127.0.0.1 stands beside it among the subject's names by itself.
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 365 * DAY_MS),
  });
  await mkdir(home, { recursive: true });
  await writeFile(keyFile, key, { mode: 0o600 });
  await writeFile(certFile, cert);
  return { key, cert, certFile };
}
