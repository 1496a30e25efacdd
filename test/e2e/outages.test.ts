import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Request, Update } from '../../client/request.ts';
import { ADMIN_ACCESS_KEY, REGION, SECRET_ACCESS_KEY } from '../../cloud/engine.ts';
import { onAws, samplePhoto, useCloud } from '../support/cloud.ts';

const run = useCloud();

afterEach(async () => {
  if (onAws) return;
  run.cloud.faults.openAi?.(undefined);
  run.cloud.faults.gateway(undefined);
  await run.cloud.faults.redis.start();
});

/** The numbers of the synthetic sample, whatever else goes wrong. */
function expectTheNumbers(request: Request): void {
  expect(request.status).toBe('COMPLETED');
  expect(request.predictions?.[0]).toMatchObject({ code: 'nv', probability: expect.closeTo(0.7982, 3) });
}

describe.skipIf(onAws)('Redis gone', () => {
  test('costs the description its richer input, and nothing else', async () => {
    await run.cloud.faults.redis.stop();
    const request = await run.clientOf('alice').classify(samplePhoto, { describe: true });
    expectTheNumbers(request);
    expect(request.description).toMatchObject({ source: 'openai', input: 'rebuilt' });
  });
});

describe.skipIf(onAws)('a photo that is forbidden to its worker', () => {
  test('is not given up: by the next try the policy may be right again', async () => {
    let refusals = 0;
    run.cloud.faults.gateway(async ({ service, method }) => {
      if (service !== 's3' || method !== 'GET' || refusals > 0) return undefined;
      refusals++;
      return { status: 403, headers: {}, body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>' };
    });
    const request = await run.clientOf('alice').classify(samplePhoto);
    expectTheNumbers(request);
    expect([refusals, request.attempt]).toEqual([1, 2]);
  });
});

describe.skipIf(onAws)('the LLM', () => {
  test.each([
    ['answering 500', { kind: 'status', status: 500 }, 'unavailable'],
    ['sending no JSON', { kind: 'invalid-json' }, 'unusable'],
    ['sending another schema', { kind: 'wrong-schema' }, 'unusable'],
    ['sending nothing', { kind: 'empty' }, 'unusable'],
    ['refusing', { kind: 'refusal' }, 'refused'],
    ['claiming a diagnosis', { kind: 'lying', text: 'You have a melanoma.' }, 'unusable'],
  ] as const)('%s leaves the numbers and the template', async (_, fault, reason) => {
    run.cloud.faults.openAi?.(fault);
    const request = await run.clientOf('alice').classify(samplePhoto, { describe: true });
    expectTheNumbers(request);
    expect(request.description).toMatchObject({ source: 'template', fallbackReason: reason, model: null });
    expect(request.description?.text).toContain(request.disclaimer);
  });
});

describe.skipIf(onAws)('an inference process that is killed', () => {
  test('costs time alone: its message comes back and another process takes it', async () => {
    const sqs = new SQSClient({
      endpoint: run.cloud.gatewayUrl,
      region: REGION,
      credentials: { accessKeyId: ADMIN_ACCESS_KEY, secretAccessKey: SECRET_ACCESS_KEY },
    });
    const QueueUrl = run.cloud.outputs.InferenceQueueUrl;
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '2' } }));
    const seen: string[] = [];
    const request = await run.clientOf('alice').classify(samplePhoto, {
      reads: false,
      onUpdate: ({ request }: Update) => {
        seen.push(request.status);
        // Its first taker dies the moment it has taken it.
        if (request.status === 'PROCESSING' && request.attempt === 1) run.cloud.functions.get('inference')?.kill();
      },
    });
    sqs.destroy();
    expectTheNumbers(request);
    expect(seen.at(-1)).toBe('COMPLETED');
  });
});
