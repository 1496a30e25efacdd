import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { log } from '../../../adapters/log.ts';
import type { ModelRunner } from '../../../adapters/modelRunner/modelRunner.ts';
import type { ModelManifest } from '../../../core/modelManifest.ts';

export interface InvocationServerOptions {
  manifest: ModelManifest;
  /** May still be loading: until it has, `/ping` says 503 and SageMaker waits. */
  runner: ModelRunner | Promise<ModelRunner>;
  host: string;
  /** 0 takes a free one. */
  port: number;
}

export interface InvocationServer {
  url: string;
  stop(): Promise<void>;
}

interface Answer {
  status: number;
  body: object;
}

/**
 * The HTTP interface that SageMaker asks of a container:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 *
 * `GET /ping` answers 200 once the model is loaded. `POST /invocations` takes a decoded photo, uint8 [height, width, 3] at
 * the manifest's size, as application/octet-stream, and answers what `adapters/modelRunner/sagemaker.ts` reads.
 */
export async function startInvocationServer(options: InvocationServerOptions): Promise<InvocationServer> {
  const { host, port } = options;
  const health = watch(options.runner);
  const server = createServer((request, response) => {
    answer(request, options, health).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => {
        log.error('invocation failed', { error });
        send(response, 500, { error: error instanceof Error ? error.message : String(error) });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return { url: `http://${host}:${portOf(server)}`, stop: () => stop(server) };
}

async function answer(
  request: IncomingMessage,
  options: InvocationServerOptions,
  health: { ready: boolean },
): Promise<Answer> {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /ping') return { status: health.ready ? 200 : 503, body: { ready: health.ready } };
  if (route !== 'POST /invocations') return { status: 404, body: { error: `There is no ${route}` } };
  return await invoke(request, options);
}

async function invoke(request: IncomingMessage, { manifest, runner }: InvocationServerOptions): Promise<Answer> {
  const type = request.headers['content-type'];
  if (type !== 'application/octet-stream') {
    return { status: 415, body: { error: `Content type ${type ?? 'none'}: send application/octet-stream` } };
  }
  const { width, height } = manifest.input;
  const expected = width * height * 3;
  const rgb = await read(request, expected);
  if (rgb.length !== expected) {
    const error = `${rgb.length} bytes or more: this model takes ${expected}, uint8 [${height}, ${width}, 3]`;
    return { status: 400, body: { error } };
  }
  const model = await runner;
  const { logits, activation, ...scores } = await model.run(rgb);
  const maps = activation && { ...activation, data: Array.from(activation.data) };
  return { status: 200, body: { logits: logits.map((view) => Array.from(view)), activation: maps, ...scores } };
}

/** Stops reading at a byte too many. */
async function read(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return Buffer.concat(chunks);
}

function watch(runner: ModelRunner | Promise<ModelRunner>): { ready: boolean } {
  const health = { ready: false };
  Promise.resolve(runner).then(
    () => {
      health.ready = true;
    },
    (error: unknown) => log.error('the model does not load', { error }),
  );
  return health;
}

/** After a refusal the connection goes: the rest of a request that was not read would be in the way of the next. */
function send(response: ServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json', ...(status < 400 ? {} : { connection: 'close' }) };
  response.writeHead(status, headers).end(JSON.stringify(body), () => {
    if (status >= 400) response.socket?.destroySoon();
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
