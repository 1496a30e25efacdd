import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningRedis, startInProcessRedis } from './inProcessRedis.ts';

interface RedisOptions {
  /** In PEM; undefined: no TLS. */
  tls: { key: string; cert: string } | undefined;
  /** Not given: true. */
  preferReal?: boolean;
}

/** An empty Redis: the real one if redis-server is on PATH and starts, else one in process. */
export async function startRedis({ tls, preferReal = true }: RedisOptions): Promise<RunningRedis> {
  const real = preferReal ? await startRedisServer(tls) : undefined;
  return real ?? startInProcessRedis(tls);
}

/** The shell becomes Redis; the watcher beside it ends Redis when our end of the pipe closes, however we die. */
const WATCHED = 'exec 3<&0; (cat <&3; kill $$) >/dev/null 2>&1 & exec redis-server "$@" </dev/null 3<&-';

async function startRedisServer(tls: RedisOptions['tls']): Promise<RunningRedis | undefined> {
  const cwd = await mkdtemp(join(tmpdir(), 'redis-'));
  const port = await freePort();
  if (tls) await writeFile(join(cwd, 'pair.pem'), `${tls.key}\n${tls.cert}`, { mode: 0o600 });
  const secure = `--port 0 --tls-port ${port} --tls-key-file pair.pem --tls-cert-file pair.pem --tls-auth-clients no`;
  const options = `--bind 127.0.0.1 --appendonly no ${tls ? secure : `--port ${port}`} --save`.split(' ');
  const server = spawn('sh', ['-c', WATCHED, 'sh', ...options, ''], { cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(server, 'close').catch(() => undefined);
  const ready = new Promise<true>((resolve) => {
    server.stdout.on('data', (line) => String(line).includes('Ready to accept connections') && resolve(true));
  });
  const started = await Promise.race([ready, ended.then(() => false)]);
  await rm(cwd, { recursive: true }); // Redis has read its key by now, and writes nothing.
  async function stop() {
    server.stdin.end();
    await ended;
  }
  return started ? { host: '127.0.0.1', port, kind: 'redis-server', stop } : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
