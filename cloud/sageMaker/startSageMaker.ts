import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ACCOUNT, type AwsAnswer, type AwsCall, type AwsEngine, arn } from '../engine.ts';
import { type Container, startContainer } from './container.ts';
import type { Endpoint } from './resources.ts';

/** Bytes of a request to a serverless endpoint. */
const LARGEST_BODY = 4 * 2 ** 20;

interface Served extends Endpoint {
  invocations: number;
  container?: Container;
}

interface SageMakerOptions {
  /** What an endpoint's entrypoint is relative to. */
  appDirectory: string;
  /** Holds the unpacked models. */
  directory: string;
  logDir: string;
  may(accessKeyId: string, action: string, resource: string): boolean;
}

/**
 * InvokeEndpoint alone, of serverless endpoints. The first invocation starts an endpoint's container and waits for it, as
 * does the first one after that has ended; it is one process for all.
 */
export function startSageMaker({ appDirectory, directory, logDir, may }: SageMakerOptions) {
  let served = new Map<string, Served>();

  async function handle(call: AwsCall): Promise<AwsAnswer> {
    const name = endpointIn(call) ?? '';
    const endpoint = served.get(name);
    const option = Object.keys(call.headers).find((header) => header.startsWith('x-amzn-sagemaker-'));
    const strange = name ? option : `${call.method} ${call.url.pathname}`;
    if (strange) return errorAnswer(400, 'ValidationError', `The embedded SageMaker does not implement ${strange}`);
    if (!endpoint) return errorAnswer(400, 'ValidationError', `Endpoint ${name} of account ${ACCOUNT} not found.`);
    if (call.body.length > LARGEST_BODY) return errorAnswer(400, 'ValidationError', 'Request has oversize body.');
    if (endpoint.invocations >= endpoint.maxConcurrency)
      return errorAnswer(400, 'ThrottlingException', 'Rate exceeded');
    endpoint.invocations++;
    return invoke(containerOf(endpoint), call).finally(() => endpoint.invocations--);
  }

  function containerOf(endpoint: Served): Container {
    const { container, name, entrypoint } = endpoint;
    if (container?.alive()) return container;
    endpoint.container = startContainer(name, resolve(appDirectory, entrypoint), join(directory, name), logDir);
    return endpoint.container;
  }

  /** From now on these endpoints and no others. @throws if the role of one's model may not read the model */
  async function serve(endpoints: Endpoint[]): Promise<void> {
    await kill();
    for (const { name, archive } of endpoints) {
      const { accessKeyId, arn, path } = archive;
      if (!may(accessKeyId, 's3:GetObject', arn)) throw new Error(`${name}: ${accessKeyId} may not read ${arn}`);
      await rm(join(directory, name), { recursive: true, force: true });
      await mkdir(join(directory, name), { recursive: true });
      await promisify(execFile)('tar', ['-xzf', path, '-C', join(directory, name)]);
    }
    served = new Map(endpoints.map((endpoint) => [endpoint.name, { ...endpoint, invocations: 0 }]));
  }

  async function kill(): Promise<void> {
    await Promise.all([...served.values()].map(({ container }) => container?.kill()));
  }

  const requiredGrants: AwsEngine['requiredGrants'] = (call) => [
    { action: 'sagemaker:InvokeEndpoint', resource: arn('sagemaker', `endpoint/${endpointIn(call)}`) },
  ];
  const engine: AwsEngine = { service: 'sagemaker', requiredGrants, errorAnswer, handle };
  const pids = () => [...served.values()].flatMap(({ container }) => (container?.alive() && container.pid) || []);
  return { engine, serve, pids, kill, stop: kill };
}

async function invoke(container: Container, { headers, body }: AwsCall): Promise<AwsAnswer> {
  const passed = { 'content-type': headers['content-type'] ?? '', accept: headers.accept ?? '*/*' };
  const failure = await container.ready.then(() => undefined, String);
  if (failure) return errorAnswer(429, 'ModelNotReadyException', `The container does not come up: ${failure}`);
  try {
    const answer = await container.invoke(passed, new Uint8Array(body));
    const content = Buffer.from(await answer.arrayBuffer());
    if (!answer.ok) return modelError(answer.status, content.toString());
    return { status: 200, headers: { 'content-type': answer.headers.get('content-type') ?? '' }, body: content };
  } catch (error) {
    return modelError(500, String(error));
  }
}

function endpointIn({ method, url }: AwsCall): string | undefined {
  return method === 'POST' ? /^\/endpoints\/([\w-]+)\/invocations$/.exec(url.pathname)?.[1] : undefined;
}

function modelError(status: number, message: string): AwsAnswer {
  const told = `Received ${status < 500 ? 'client' : 'server'} error (${status}) from primary with message "${message}".`;
  return errorAnswer(424, 'ModelError', told, { OriginalStatusCode: status, OriginalMessage: message });
}

function errorAnswer(status: number, code: string, Message: string, more: object = {}): AwsAnswer {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code };
  return { status, headers, body: JSON.stringify({ Message, ...more }) };
}
