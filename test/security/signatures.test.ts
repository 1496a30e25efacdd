import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Answer, accessKeyOf, type Caller, type SigningOptions, send, withAccessKey } from '../support/callers.ts';
import { useCloud } from '../support/cloud.ts';
import { listen } from '../support/listening.ts';

const run = useCloud();

const forged = { requestId: 'x', owner: 'cognito#nobody', status: 'COMPLETED', version: 1, disclaimer: '' };
const bodyOf = (request: object) =>
  JSON.stringify({
    query: 'mutation ($request: AWSJSON!) { publishRequestUpdate(request: $request) { requestId owner version } }',
    variables: { request: JSON.stringify(request) },
  });
const body = bodyOf(forged);
const other = bodyOf({ ...forged, owner: 'cognito#somebody' });

const publisher = (options?: SigningOptions): Caller =>
  withAccessKey(run.cloud, accessKeyOf(run.cloud, 'publisher'), options);

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const minutesFromNow = (minutes: number) =>
  new Date(Date.now() + minutes * 60_000).toISOString().replace(/\.\d+|[-:]/g, '');

function expectRefused(answer: Answer): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.data ?? null).toBeNull();
}

describe("the publisher's signature", () => {
  test.each([
    ['as it should be', {}],
    ['four minutes old', { datetime: minutesFromNow(-4) }],
    ['of a clock that is four minutes fast', { datetime: minutesFromNow(4) }],
    ['with the hash of the body as a header', { headers: { 'x-amz-content-sha256': hash(body) } }],
  ])('%s is taken', async (_, options) => {
    const answer = await send(run.cloud, body, await publisher(options)(body));
    expect(answer).toMatchObject({ status: 200, data: { publishRequestUpdate: { owner: 'cognito#nobody' } } });
  });

  test.each<[string, SigningOptions]>([
    ['with another secret', { secret: 'guessed' }],
    ['six minutes old', { datetime: minutesFromNow(-6) }],
    ['of a clock that is six minutes fast', { datetime: minutesFromNow(6) }],
    ['of a day that is none', { datetime: '20261399T000000Z' }],
    ['for another service', { service: 'execute-api' }],
    ['for another region', { region: 'eu-west-1' }],
  ])('%s is refused', async (_, options) => {
    expectRefused(await send(run.cloud, body, await publisher(options)(body)));
  });

  test.each<[string, SigningOptions]>([
    ['its body', {}],
    ['its body, whose hash was sent as a signed header', { headers: { 'x-amz-content-sha256': hash(body) } }],
    ['its body, said to be unsigned', { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }],
  ])('does not outlive a change of %s', async (_, options) => {
    expectRefused(await send(run.cloud, other, await publisher(options)(body)));
  });

  test('is for one path: what opens a socket publishes nothing', async () => {
    expectRefused(await send(run.cloud, '{}', await publisher()('{}', '/graphql/connect')));
    expectRefused(await send(run.cloud, body, await publisher()(body, '/graphql/connect')));
  });

  test('needs each header that it was made with', async () => {
    const { 'x-amz-date': _, ...rest } = await publisher()(body);
    expectRefused(await send(run.cloud, body, rest));
    expectRefused(await send(run.cloud, body, { ...rest, 'x-amz-date': minutesFromNow(1) }));
  });

  test('opens no socket when it is wrong', async () => {
    const wrong = publisher({ secret: 'guessed' });
    await expect(listen(run.cloud, wrong)).rejects.toThrow('BadRequestException');
  });
});

test.each(['AKIALOCALnobody', 'AKIAIOSFODNN7EXAMPLE'])(
  'the access key %s, which no role has, is refused',
  async (key) => {
    const answer = await send(run.cloud, body, await withAccessKey(run.cloud, key)(body));
    expect(answer).toMatchObject({ status: 403, errorType: 'UnrecognizedClientException' });
  },
);
