import { spawn } from 'node:child_process';
import { createServer, request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(new URL('../../../workers/inference/sagemaker/server.ts', import.meta.url));

export interface Endpoint {
  /** For AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME. */
  url: string;
  /** How often it was invoked. */
  invocations(): number;
  stop(): Promise<void>;
}

/** The container as a plain process, and SageMaker's runtime as what it is for us: a way from /endpoints/NAME to it. */
export async function startSageMakerEndpoint(name: string, modelDirectory: string): Promise<Endpoint> {
  const env = { ...process.env, HOST: '127.0.0.1', PORT: '0', MODEL_DIRECTORY: modelDirectory };
  const container = spawn(process.execPath, [server], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => container.once('exit', () => resolve()));
  const address = await firstLine(container.stdout, ended);
  const relayed = await startRuntime(name, new URL('/invocations', JSON.parse(address).listening));
  const stop = async () => {
    await relayed.stop();
    container.kill();
    await ended;
  };
  return { ...relayed, stop };
}

/** Answers as SageMaker does where there is no such endpoint, and where the container fails (ModelError, 424). */
export async function startRuntime(
  name: string,
  target: URL | (() => { status: number; body: string }),
): Promise<Endpoint> {
  let invocations = 0;
  const runtime = createServer((request, response) => {
    invocations++;
    const refuse = (status: number, type: string) => {
      response.writeHead(status, { 'x-amzn-errortype': type }).end(JSON.stringify({ Message: type }));
    };
    if (request.url !== `/endpoints/${name}/invocations`) return refuse(400, 'ValidationError');
    if (typeof target === 'function') {
      const { status, body } = target();
      return request.resume().on('end', () => (status === 200 ? response.end(body) : refuse(status, body)));
    }
    const headers = {
      'content-type': request.headers['content-type'],
      'content-length': request.headers['content-length'],
    };
    const onwards = httpRequest(target, { method: 'POST', headers }, (answer) => {
      if (answer.statusCode === 200) answer.pipe(response);
      else refuse(424, 'ModelError');
    });
    request.pipe(onwards);
  });
  await new Promise<void>((resolve) => runtime.listen(0, '127.0.0.1', resolve));
  const address = runtime.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const stop = () =>
    new Promise<void>((resolve) => {
      runtime.close(() => resolve());
      runtime.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, invocations: () => invocations, stop };
}

async function firstLine(stream: NodeJS.ReadableStream, ended: Promise<void>): Promise<string> {
  const line = new Promise<string>((resolve) => stream.once('data', (chunk) => resolve(String(chunk))));
  const early = ended.then(() => Promise.reject(new Error('The server ended before it listened')));
  return await Promise.race([line, early]);
}
