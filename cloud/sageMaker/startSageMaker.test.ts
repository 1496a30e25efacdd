import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  InvokeEndpointCommand,
  type InvokeEndpointCommandInput,
  InvokeEndpointWithResponseStreamCommand,
  SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { emulatedTypes } from '../emulatedTypes.ts';
import { ADMIN_ACCESS_KEY, SECRET_ACCESS_KEY } from '../engine.ts';
import { policiesOf } from '../iam/resources.ts';
import { selfSignedCertificate } from '../network/certificate.ts';
import { type Engines, startEngines } from '../startEngines.ts';
import { deploy } from '../template/stack.ts';
import type { Json, Resource, Template } from '../template/template.ts';
import { endpointsOf } from './resources.ts';

const root = join(import.meta.dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 'sagemaker-'));
const file = (name: string, content: string) => {
  writeFileSync(join(home, name), content);
  return relative(root, join(home, name)).replaceAll('\\', '/');
};
const starts = join(home, 'starts');

/** Tells what it was given, or does what the body says. Its first ping finds it not ready. */
const container = file(
  'container.mjs',
  `import { appendFileSync, readFileSync } from 'node:fs';
   import { createServer } from 'node:http';
   import { text } from 'node:stream/consumers';
   appendFileSync(${JSON.stringify(starts)}, 'started ');
   let pings = 0;
   const server = createServer(async (request, response) => {
     if (request.url === '/ping') return response.writeHead(pings++ ? 200 : 503).end();
     const body = await text(request);
     if (body === 'die') process.exit(1);
     if (body === 'wait') return;
     if (/^[45]/.test(body)) return response.writeHead(Number(body)).end('no such tensor');
     const model = readFileSync(process.env.MODEL_DIRECTORY + '/model.txt', 'utf8');
     const { url, headers } = request;
     response.setHeader('content-type', 'application/json');
     response.end(JSON.stringify({ pid: process.pid, pings, model, url, headers, length: body.length, env: process.env }));
   });
   server.listen(process.env.PORT, process.env.HOST, () =>
     console.log(JSON.stringify({ listening: 'http://127.0.0.1:' + server.address().port })));`,
);
const broken = file(
  'broken.mjs',
  `import { appendFileSync } from 'node:fs';
   appendFileSync(${JSON.stringify(starts)}, 'broken ');
   process.exit(3);`,
);

const archiveArn = 'arn:aws:s3:::assets/model.tar.gz';
const endpointArn = 'arn:aws:sagemaker:us-east-1:000000000000:endpoint/Endpoint';
const resource = (logicalId: string, type: string, properties: Record<string, Json>): Resource => {
  return { logicalId, type: `AWS::${type}`, properties, metadata: {} };
};
const roleWith = (logicalId: string, Action: string, Resource: string) => {
  const Statement = [{ Effect: 'Allow', Action, Resource }];
  return resource(logicalId, 'IAM::Role', { Policies: [{ PolicyDocument: { Statement } }] });
};

interface Changes {
  model?: Record<string, Json>;
  config?: Record<string, Json>;
  entrypoint?: string | null;
  readable?: string;
}

function templateWith({ model, config, entrypoint = container, readable = archiveArn }: Changes = {}): Template {
  const variant = {
    VariantName: 'model',
    ModelName: { 'Fn::GetAtt': ['Model', 'ModelName'] },
    InitialVariantWeight: 1,
  };
  const ServerlessConfig = { MemorySizeInMB: 3072, MaxConcurrency: 2 };
  const resources = [
    roleWith('Role', 's3:GetObject', readable),
    roleWith('Caller', 'sagemaker:InvokeEndpoint', endpointArn),
    {
      ...resource('Model', 'SageMaker::Model', {
        ExecutionRoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        PrimaryContainer: { Image: 'image', ModelDataUrl: { 'Fn::Sub': 's3://assets/model.tar.gz' }, ...model },
      }),
      metadata: { Entrypoint: entrypoint },
    },
    resource('Config', 'SageMaker::EndpointConfig', {
      ProductionVariants: [{ ...variant, ServerlessConfig, ...config }],
    }),
    resource('Endpoint', 'SageMaker::Endpoint', {
      EndpointConfigName: { 'Fn::GetAtt': ['Config', 'EndpointConfigName'] },
    }),
  ];
  const assets = [{ bucket: 'assets', key: 'model.tar.gz', path: join(home, 'model.tar.gz') }];
  return { stackName: 'Shop', resources, outputs: {}, conditions: {}, assets };
}

let engines: Engines;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  mkdirSync(join(home, 'model'));
  file('model/model.txt', 'the weights');
  execFileSync('tar', ['-czf', join(home, 'model.tar.gz'), '-C', join(home, 'model'), 'model.txt']);
  const certificate = await selfSignedCertificate(join(home, 'certificate'));
  const directories = { appDirectory: root, dataDir: join(home, 'data'), logDir: join(home, 'logs') };
  engines = await startEngines({ certificate, ...directories, onError: () => {} }, (stop) => stops.push(stop));
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  rmSync(home, { recursive: true });
});
afterEach(() => engines.sageMaker.kill());

async function serve(changes?: Changes) {
  const stack = await deploy(templateWith(changes), emulatedTypes(engines, '', {}));
  engines.setPolicies(policiesOf(stack));
  await engines.sageMaker.serve(endpointsOf(stack));
  return stack;
}

function clientOf(accessKeyId = ADMIN_ACCESS_KEY): SageMakerRuntimeClient {
  const credentials = { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY };
  return new SageMakerRuntimeClient({
    endpoint: engines.gateway.url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
}

async function invoke(Body: string | Uint8Array, more: Partial<InvokeEndpointCommandInput> = {}, as?: string) {
  const input = { EndpointName: 'Endpoint', ContentType: 'application/octet-stream', Accept: 'application/json' };
  const { Body: said, ContentType } = await clientOf(as).send(new InvokeEndpointCommand({ ...input, Body, ...more }));
  return { ContentType, ...JSON.parse(new TextDecoder().decode(said)) };
}

describe('an endpoint of the template', () => {
  beforeAll(() => serve());

  test('is known by its ARN and by its name, as are its config and its model', async () => {
    const stack = await serve();
    expect(stack.get('Endpoint')).toBe(endpointArn);
    expect(stack.get('Endpoint', 'EndpointName')).toBe('Endpoint');
    expect(stack.get('Config')).toBe('arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/Config');
    expect(stack.get('Model')).toBe('arn:aws:sagemaker:us-east-1:000000000000:model/Model');
  });

  test('starts its container with the first invocations, which wait for its ping, and keeps it for the next', async () => {
    expect(engines.sageMaker.pids()).toEqual([]);
    const [first, second] = await Promise.all([invoke('one'), invoke('two')]);
    expect(first).toMatchObject({ pings: 2, pid: second.pid, ContentType: 'application/json' });
    expect(await invoke('three')).toMatchObject({ pings: 2, pid: first.pid });
    expect(engines.sageMaker.pids()).toEqual([first.pid]);
  });

  test('hands its container the model, the body and its type, and nothing of the environment of the run', async () => {
    vi.stubEnv('OURS', 'secret');
    const given = await invoke('tensor');
    vi.unstubAllEnvs();
    expect(given).toMatchObject({ model: 'the weights', url: '/invocations', length: 6 });
    expect(given.headers).toMatchObject({ 'content-type': 'application/octet-stream', accept: 'application/json' });
    expect(given.headers).not.toHaveProperty('authorization');
    expect(given.env).not.toHaveProperty('OURS');
  });

  test('after its container was killed starts another', async () => {
    const { pid } = await invoke('one');
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(engines.sageMaker.pids()).toEqual([]));
    expect((await invoke('two')).pid).not.toBe(pid);
  });

  test.each([
    ['400', 'Received client error (400) from primary with message "no such tensor".'],
    ['500', 'Received server error (500) from primary with message "no such tensor".'],
  ])('answers ModelError where its container answers %s', async (status, message) => {
    await expect(invoke(status)).rejects.toMatchObject({
      name: 'ModelError',
      message,
      OriginalStatusCode: Number(status),
      OriginalMessage: 'no such tensor',
      $metadata: { httpStatusCode: 424 },
    });
  });

  test('answers ModelError where its container dies of the invocation, and serves the next', async () => {
    await expect(invoke('die')).rejects.toMatchObject({ name: 'ModelError', OriginalStatusCode: 500 });
    await vi.waitFor(() => expect(engines.sageMaker.pids()).toEqual([]));
    expect(await invoke('one')).toMatchObject({ length: 3 });
  });

  test('takes a body of 4 MB, and no byte more', async () => {
    expect(await invoke(new Uint8Array(4 * 2 ** 20).fill(120))).toMatchObject({ length: 4 * 2 ** 20 });
    const oversize = invoke(new Uint8Array(4 * 2 ** 20 + 1));
    await expect(oversize).rejects.toMatchObject({ name: 'ValidationError', message: 'Request has oversize body.' });
  });

  test('throttles what exceeds its concurrency', async () => {
    const all = [invoke('wait'), invoke('wait'), invoke('wait')].map((one) => one.catch(({ name }) => name));
    expect(await Promise.race(all)).toBe('ThrottlingException');
    await vi.waitFor(() => expect(engines.sageMaker.pids()).toHaveLength(1));
    await engines.sageMaker.kill();
    expect((await Promise.all(all)).filter((name) => name === 'ThrottlingException')).toHaveLength(1);
    expect(await invoke('one')).toMatchObject({ length: 3 });
  });

  test('is invoked by whom its grant names, and refused to others', async () => {
    expect(await invoke('one', {}, 'AKIALOCALCaller')).toMatchObject({ length: 3 });
    const stranger = invoke('one', {}, 'AKIALOCALRole');
    const message = expect.stringContaining(`perform: sagemaker:InvokeEndpoint on resource: ${endpointArn}`);
    await expect(stranger).rejects.toMatchObject({ name: 'AccessDeniedException', message });
  });

  test('that there is not is a ValidationError', async () => {
    const message = 'Endpoint Other of account 000000000000 not found.';
    await expect(invoke('one', { EndpointName: 'Other' })).rejects.toMatchObject({ name: 'ValidationError', message });
  });

  test('refuses by name what it does not do', async () => {
    await expect(invoke('one', { TargetModel: 'b' })).rejects.toThrow('implement x-amzn-sagemaker-target-model');
    const stream = new InvokeEndpointWithResponseStreamCommand({ EndpointName: 'Endpoint', Body: 'one' });
    await expect(clientOf().send(stream)).rejects.toThrow('POST /endpoints/Endpoint/invocations-response-stream');
  });

  test('keeps what its container prints', async () => {
    await invoke('one');
    expect(readFileSync(join(home, 'logs/Endpoint.log'), 'utf8')).toContain('listening');
  });
});

test('a container that does not come up is not ready, and is started anew by the next invocation', async () => {
  await serve({ entrypoint: broken });
  writeFileSync(starts, '');
  for (const body of ['one', 'two'])
    await expect(invoke(body)).rejects.toMatchObject({
      name: 'ModelNotReadyException',
      message: expect.stringContaining('ended before it listened'),
    });
  expect(readFileSync(starts, 'utf8')).toBe('broken broken ');
});

test.each<[string, Changes, string]>([
  ['a model inside the image', { model: { ModelDataUrl: null } }, 'only a model in an archive'],
  ['a property', { model: { Mode: 'MultiModel' } }, 'Model (AWS::SageMaker::Model): ✖ Unrecognized key: "Mode"'],
  [
    'an endpoint that is not serverless',
    { config: { InstanceType: 'ml.m5.large' } },
    'Unrecognized key: "InstanceType"',
  ],
  ['an image that nobody says what it runs', { entrypoint: null }, 'Model: no Metadata.Entrypoint'],
  ['a role that may not read the archive', { readable: `${archiveArn}x` }, `AKIALOCALRole may not read ${archiveArn}`],
])('%s stops the start', async (_, changes, message) => {
  await expect(serve(changes)).rejects.toThrow(message);
});

test('a run that is killed takes the container along', { timeout: 60_000 }, async () => {
  const run = file(
    'run.ts',
    `import { startContainer } from ${JSON.stringify(join(root, 'cloud/sageMaker/container.ts'))};
     const { pid, ready } = startContainer('killed', ${JSON.stringify(container)}, ${JSON.stringify(home)}, ${JSON.stringify(home)});
     await ready;
     console.log(pid);`,
  );
  const child = spawn(process.execPath, [join(root, run)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = await once(child.stdout, 'data');
  expect(process.kill(Number(pid), 0)).toBe(true);
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH'), 10_000);
});
