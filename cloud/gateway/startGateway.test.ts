import { once } from 'node:events';
import { connect } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from 'vitest';
import { ACCESS_KEY_PREFIX, ADMIN_ACCESS_KEY, type AwsCall, type AwsEngine, SECRET_ACCESS_KEY } from '../engine.ts';
import { type Gateway, type GatewayOptions, startGateway } from './startGateway.ts';

const ROLE_KEY = `${ACCESS_KEY_PREFIX}WorkerRole`;
const GRANT = { action: 'dynamodb:GetItem', resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/T' };

let gateway: Gateway;
let lines: string[];
let calls: AwsCall[];

afterEach(() => gateway.stop());

/** Answers every call with `{}`, needs one grant for it unless it is anonymous, and keeps it in `calls`. */
function engine(service: string, handle?: AwsEngine['handle']): AwsEngine {
  return {
    service,
    requiredGrants: (call) => (call.accessKeyId ? [GRANT] : []),
    errorAnswer: (status, code, message) => {
      const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
      const body = service === 's3' ? xml : JSON.stringify({ __type: code, message });
      return { status, headers: {}, body };
    },
    handle: async (call) => {
      calls.push(call);
      return handle
        ? handle(call)
        : { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' };
    },
  };
}

async function start(authorize: GatewayOptions['authorize'], ...engines: AwsEngine[]): Promise<void> {
  lines = [];
  calls = [];
  gateway = await startGateway({ engines, authorize, log: (line) => lines.push(line) });
}

function config(accessKeyId = ADMIN_ACCESS_KEY) {
  const credentials = { accessKeyId, secretAccessKey: SECRET_ACCESS_KEY };
  return { endpoint: gateway.url, region: 'us-east-1', credentials, maxAttempts: 1 };
}

const getItem = () => new GetItemCommand({ TableName: 'T', Key: { id: { S: '1' } } });

describe('authorization', () => {
  test('asks for the caller by access key and hands what is allowed to the engine whole', async () => {
    const asked: unknown[] = [];
    const allow: GatewayOptions['authorize'] = (...question) => Boolean(asked.push(question));
    await start(allow, engine('dynamodb'));
    await new DynamoDBClient(config(ROLE_KEY)).send(getItem());
    expect(asked).toEqual([[ROLE_KEY, GRANT]]);
    expect(calls[0]).toMatchObject({ service: 'dynamodb', accessKeyId: ROLE_KEY, method: 'POST' });
    expect(calls[0]?.headers['x-amz-target']).toBe('DynamoDB_20120810.GetItem');
    expect(JSON.parse(String(calls[0]?.body))).toEqual({ TableName: 'T', Key: { id: { S: '1' } } });
  });

  test('a page that its own DNS brought here is refused, whatever it signs with', async () => {
    await start(() => true, engine('dynamodb'));
    const socket = connect(gateway.port, '127.0.0.1');
    const credential = `Credential=${ADMIN_ACCESS_KEY}/20260101/us-east-1/dynamodb/aws4_request`;
    const head = ['POST / HTTP/1.1', 'host: evil.example', `authorization: AWS4-HMAC-SHA256 ${credential}`];
    socket.end([...head, 'content-length: 2', 'connection: close', '', '{}'].join('\r\n'));
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 403 /);
    expect(calls).toEqual([]);
    expect(lines).toEqual(['Forbidden: POST / for the host evil.example']);
  });

  test('the administrator is asked for nothing', async () => {
    await start(() => false, engine('dynamodb'));
    await new DynamoDBClient(config()).send(getItem());
    expect(calls).toHaveLength(1);
  });

  test('a refusal has the shape of the service, reaches no engine and leaves one line: role, action, resource', async () => {
    await start(() => false, engine('dynamodb'), engine('sqs'), engine('s3'));
    const dynamo = new DynamoDBClient(config(ROLE_KEY)).send(getItem());
    await expect(dynamo).rejects.toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
    const s3 = new S3Client({ ...config(ROLE_KEY), forcePathStyle: true });
    const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
    await expect(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toMatchObject(denied);
    const sqs = new SQSClient(config(ROLE_KEY)).send(new ReceiveMessageCommand({ QueueUrl: `${gateway.url}/0/q` }));
    await expect(sqs).rejects.toMatchObject(denied);
    expect(calls).toEqual([]);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe(`AccessDeniedException: WorkerRole may not ${GRANT.action} on ${GRANT.resource}`);
  });

  test('an access key of no role is refused as an invalid one', async () => {
    const nobody = { allowed: false, explicitDeny: false, unknownKey: true };
    await start(() => nobody, engine('dynamodb'), engine('sqs'));
    const dynamo = new DynamoDBClient(config('AKIASTRANGER')).send(getItem());
    await expect(dynamo).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    const sqs = new SQSClient(config('AKIASTRANGER')).send(
      new ReceiveMessageCommand({ QueueUrl: `${gateway.url}/0/q` }),
    );
    await expect(sqs).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });
});

describe('finding the service', () => {
  test('a call without credentials is for S3, and passes if the engine needs no grant for it', async () => {
    await start(() => false, engine('s3'));
    const response = await fetch(`${gateway.url}/bucket?x=1`, { method: 'POST', body: 'form' });
    expect(response.status).toBe(200);
    expect(calls[0]).toMatchObject({ service: 's3', accessKeyId: undefined });
    expect(calls[0]?.url.search).toBe('?x=1');
  });

  test('a call without credentials that needs a grant is refused', async () => {
    await start(() => true, { ...engine('s3'), requiredGrants: () => [GRANT] });
    expect((await fetch(`${gateway.url}/bucket/key`)).status).toBe(403);
  });

  test('a presigned URL has its credentials in the query', async () => {
    await start(() => true, engine('s3'));
    await fetch(`${gateway.url}/b/k?X-Amz-Credential=${ROLE_KEY}%2F20250101%2Fus-east-1%2Fs3%2Faws4_request`);
    expect(calls[0]).toMatchObject({ service: 's3', accessKeyId: ROLE_KEY });
  });

  test('a service without an engine is refused by name, and not tried again', async () => {
    await start(() => true, engine('s3'));
    const { maxAttempts: _, ...retrying } = config();
    await expect(new DynamoDBClient(retrying).send(getItem())).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501, attempts: 1 },
    });
    expect(lines).toEqual(['NotImplemented: the run has no engine for dynamodb (POST /)']);
  });
});

describe('failures', () => {
  test('an engine that throws answers InternalFailure and leaves a line', async () => {
    const failing = engine('dynamodb', () => Promise.reject(new Error('disk full')));
    await start(() => true, failing);
    const sent = new DynamoDBClient(config()).send(getItem());
    await expect(sent).rejects.toMatchObject({ name: 'InternalFailure', message: 'Error: disk full' });
    expect(lines).toEqual(['InternalFailure: dynamodb DynamoDB_20120810.GetItem: Error: disk full']);
  });

  test('a fault answers in the place of the engine until it is taken away', async () => {
    await start(() => true, engine('dynamodb'));
    const client = new DynamoDBClient(config());
    const body = JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' });
    gateway.setFault(async () => ({ status: 400, headers: {}, body }));
    await expect(client.send(getItem())).rejects.toMatchObject({ name: 'ThrottlingException' });
    gateway.setFault(async () => 'hangup' as const);
    await expect(client.send(getItem())).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(calls).toEqual([]);
    gateway.setFault((call) => (call.service === 's3' ? Promise.resolve('hangup') : undefined));
    await client.send(getItem());
    gateway.setFault(undefined);
    await client.send(getItem());
    expect(calls).toHaveLength(2);
  });

  test('a caller that goes away in the middle of its request harms nobody', async () => {
    await start(() => true, engine('dynamodb'));
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await once(socket, 'connect');
    socket.destroy();
    await new DynamoDBClient(config()).send(getItem());
    expect(calls).toHaveLength(1);
  });

  test('stop ends also the calls that are being waited for', async () => {
    const called = Promise.withResolvers<void>();
    const never = engine('sqs', () => {
      called.resolve();
      return new Promise(() => undefined);
    });
    await start(() => true, never);
    const sent = new SQSClient(config()).send(new ReceiveMessageCommand({ QueueUrl: `${gateway.url}/0/q` }));
    const outcome = expect(sent).rejects.toMatchObject({ code: 'ECONNRESET' });
    await called.promise;
    await gateway.stop();
    await outcome;
  });
});
