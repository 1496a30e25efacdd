import { type ClientRequest, request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { ADMIN_ACCESS_KEY, type AwsAnswer, type AwsCall, type Fault } from '../../cloud/engine.ts';
import { randomOf, type Trouble } from './plan.ts';

/** Marks a call that is let through, so that it does not meet its trouble twice. */
const PASS = 'x-let-pass';

/** A service's trouble as the gateway, or AppSync, wants it. `onHit` is called for each call that meets it. */
export function faultFrom(trouble: Trouble, onHit: () => void): Fault {
  const random = randomOf(trouble.seed);
  return (call) => {
    if (call.service !== trouble.service || call.accessKeyId === ADMIN_ACCESS_KEY || call.headers[PASS]) return;
    if (random() >= trouble.share) return;
    onHit();
    return meet(call, trouble);
  };
}

async function meet(call: AwsCall, { trouble, slowMilliseconds }: Trouble): Promise<AwsAnswer | 'hangup' | undefined> {
  switch (trouble) {
    case 'throttles':
      return throttled(call);
    case 'fails':
      return failed(call);
    case 'is slow':
      // Then it is done, though the caller may have given up and sent it again.
      await wait(slowMilliseconds);
      return undefined;
    case 'loses answers':
      await carryOut(call);
      return 'hangup';
    case 'hangs up':
      return 'hangup';
  }
}

function throttled({ service }: AwsCall): AwsAnswer {
  if (service === 's3') return s3Error(503, 'SlowDown');
  if (service === 'appsync') return graphqlError(429, 'ThrottlingException');
  const code = { dynamodb: 'ProvisionedThroughputExceededException', sqs: 'RequestThrottled' }[service];
  return jsonError(400, code ?? 'ThrottlingException');
}

function failed({ service }: AwsCall): AwsAnswer {
  if (service === 's3') return s3Error(500, 'InternalError');
  if (service === 'appsync') return graphqlError(500, 'InternalFailure');
  return jsonError(500, 'InternalServerError');
}

function jsonError(status: number, code: string): AwsAnswer {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${code};Sender` };
  return {
    status,
    headers,
    body: JSON.stringify({ __type: `injected#${code}`, message: 'A fault that was asked for' }),
  };
}

function graphqlError(status: number, errorType: string): AwsAnswer {
  const headers = { 'content-type': 'application/json;charset=UTF-8', 'x-amzn-errortype': errorType };
  return {
    status,
    headers,
    body: JSON.stringify({ errors: [{ errorType, message: 'A fault that was asked for' }] }),
  };
}

function s3Error(status: number, code: string): AwsAnswer {
  const body = `<Error><Code>${code}</Code><Message>A fault that was asked for</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

/** The call as it came, once more. What it answers is lost. */
async function carryOut({ url, method, headers, body }: AwsCall): Promise<void> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  await new Promise<void>((resolve) => {
    const request: ClientRequest = httpRequest(url, {
      method,
      agent: false,
      headers: { ...Object.fromEntries(given), [PASS]: 'yes' },
    });
    request.on(
      'response',
      (response) =>
        void buffer(response).then(
          () => resolve(),
          () => resolve(),
        ),
    );
    request.on('error', () => resolve());
    request.end(body);
  });
}
