import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsAnswer, AwsCall, AwsEngine, Fault, RequiredGrant } from '../engine.ts';
import { ACCESS_KEY_PREFIX, ACCOUNT, ADMIN_ACCESS_KEY } from '../engine.ts';
import type { Decision } from '../iam/startIam.ts';
import { isSafeHost } from '../network/loopback.ts';

export interface GatewayOptions {
  port?: number;
  engines: AwsEngine[];
  authorize(accessKeyId: string, grant: RequiredGrant): boolean | Decision;
  /** Gets one line for each call that was refused or that no engine could answer. */
  log(line: string): void;
}

export interface Gateway {
  url: string;
  port: number;
  setFault(fault: Fault | undefined): void;
  stop(): Promise<void>;
}

/** The codes a service refuses with: clients tell a retry from a failure by them. */
const REFUSALS: Record<string, { status: number; denied: string; unknownKey: string }> = {
  s3: { status: 403, denied: 'AccessDenied', unknownKey: 'InvalidAccessKeyId' },
  sqs: { status: 403, denied: 'AccessDenied', unknownKey: 'InvalidClientTokenId' },
};
const OTHER_REFUSALS = { status: 400, denied: 'AccessDeniedException', unknownKey: 'UnrecognizedClientException' };

/**
 * The one address of all AWS calls of the run (`AWS_ENDPOINT_URL`). Tells the service by the credential scope and the
 * caller by the access key, refuses what the caller's role does not allow, and hands the rest to the engine.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const engines = new Map(options.engines.map((engine) => [engine.service, engine]));
  let fault: Fault | undefined;

  async function answer(call: AwsCall): Promise<AwsAnswer | 'hangup'> {
    const engine = engines.get(call.service);
    if (!engine) {
      options.log(`NotImplemented: the run has no engine for ${call.service} (${call.method} ${call.url.pathname})`);
      return { status: 501, headers: {}, body: `The embedded run has no engine for the service ${call.service}` };
    }
    try {
      return refusal(engine, call, options) ?? (await fault?.(call)) ?? (await engine.handle(call));
    } catch (error) {
      options.log(`InternalFailure: ${call.service} ${call.headers['x-amz-target'] ?? call.method}: ${error}`);
      return engine.errorAnswer(500, 'InternalFailure', String(error));
    }
  }

  const server = createServer(async (request, response) => {
    const { host } = request.headers;
    // A page whose own DNS leads here would else be taken for the person at the keyboard.
    if (!isSafeHost(host)) {
      options.log(`Forbidden: ${request.method} ${request.url} for the host ${host}`);
      return send(response, {
        status: 403,
        headers: {},
        body: `This run is at 127.0.0.1 and localhost, not at ${host}.`,
      });
    }
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const call = await readCall(request).catch(() => undefined); // undefined: the caller went away in the middle
    send(response, call ? await answer({ ...call, gone: gone.signal }) : 'hangup');
  });
  // Longer than any client keeps an idle socket: a client must never write to one that is just being closed.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    setFault(next) {
      fault = next;
    },
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** undefined: go on. An anonymous call may do only what needs no grant; there the engine itself vouches for it. */
function refusal(engine: AwsEngine, call: AwsCall, options: GatewayOptions): AwsAnswer | undefined {
  const { accessKeyId, service } = call;
  if (accessKeyId === ADMIN_ACCESS_KEY) return undefined;
  const { status, denied, unknownKey } = REFUSALS[service] ?? OTHER_REFUSALS;
  const role = accessKeyId?.replace(ACCESS_KEY_PREFIX, '') ?? 'anonymous';
  for (const grant of engine.requiredGrants(call)) {
    const decision = accessKeyId !== undefined && options.authorize(accessKeyId, grant);
    if (typeof decision === 'object' ? decision.allowed : decision) continue;
    const known = typeof decision !== 'object' || !decision.unknownKey;
    options.log(`${known ? denied : unknownKey}: ${role} may not ${grant.action} on ${grant.resource}`);
    if (!known) return engine.errorAnswer(status, unknownKey, 'The security token included in the request is invalid.');
    const user = `arn:aws:sts::${ACCOUNT}:assumed-role/${role}`;
    const message = `User: ${user} is not authorized to perform: ${grant.action} on resource: ${grant.resource}`;
    return engine.errorAnswer(status, denied, message);
  }
  return undefined;
}

async function readCall(request: IncomingMessage): Promise<AwsCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]));
  // <access key>/<date>/<region>/<service>/aws4_request. Only S3 is called without: presigned POST, CORS preflight.
  const inHeader = /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1];
  const [accessKeyId, , , service = 's3'] = (inHeader ?? url.searchParams.get('X-Amz-Credential'))?.split('/') ?? [];
  return { service, accessKeyId, method: request.method ?? 'GET', url, headers, body: Buffer.concat(chunks) };
}

function send(response: ServerResponse, answer: AwsAnswer | 'hangup'): void {
  if (answer === 'hangup') {
    response.destroy();
    return;
  }
  response.statusCode = answer.status;
  response.setHeaders(new Map(Object.entries(answer.headers)));
  response.end(answer.body);
}
