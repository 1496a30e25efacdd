import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SECRET_ACCESS_KEY } from '../../cloud/engine.ts';
import { admin } from '../support/admin.ts';
import { ask, send, withApiKey, withToken } from '../support/callers.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';
import { listen } from '../support/listening.ts';
import { type Mood, startLyingLlm } from '../support/lyingLlm.ts';

/** By what it is: a text that is in the run, and must not be in its logs. */
const planted = new Map<string, string>();
function plant(what: string, canary = `canary${randomUUID().replaceAll('-', '')}`): string {
  planted.set(what, canary);
  return canary;
}

const llm = await startLyingLlm();
afterAll(() => llm.stop());
const run = useCloud({ openAi: { apiKey: plant('the key of the LLM'), baseUrl: llm.baseUrl } });

const user = plant('the name of a user');
let completedId = '';
/** What the callers of all this were told. */
const errors: unknown[] = [];
const keepError = (error: Error) => errors.push({ ...error, message: error.message, cause: error.cause });

/** The sample with a comment in it, as a camera writes its serial number. */
function photoWith(comment: string): Uint8Array<ArrayBuffer> {
  const [head, text] = [samplePhoto.slice(0, 2), Buffer.from(comment)];
  return new Uint8Array(
    Buffer.concat([head, Buffer.from([0xff, 0xfe, 0, text.length + 2]), text, samplePhoto.slice(2)]),
  );
}

/** AWS services like to quote what they did not understand. */
function failingWith(echoes: string, service: string, isIt: (text: string) => boolean) {
  run.cloud.faults.gateway(async (call) => {
    if (call.service !== service || !isIt(`${call.method} ${call.headers['x-amz-target']} ${call.body}`))
      return undefined;
    const message = `Cannot serve ${call.url} ${call.body.toString('latin1')} ${echoes}`;
    const json = JSON.stringify({ __type: 'com.amazonaws#ValidationException', message });
    const xml = `<Error><Code>MethodNotAllowed</Code><Message>${message}</Message></Error>`;
    return { status: 400, headers: {}, body: service === 's3' ? xml : json };
  });
}

beforeAll(async () => {
  const client = run.clientOf(user);
  await aPhotoThatWorks();
  await anLlmThatTalks();
  await photosThatFail();
  await servicesThatFail();
  await aPushThatFails();
  await callersWhoTryThings();
  await client.remove(completedId);

  async function aPhotoThatWorks() {
    const words = plant("the LLM's text");
    llm.setMood(({ triageStatement, disclaimer }) => ({
      says: JSON.stringify({ text: `${words} ${triageStatement} ${disclaimer}` }),
    }));
    const imageKey = await client.upload(photoWith(plant('the bytes of a photo')));
    plant('the key of a photo', imageKey.split('/').at(-1));
    const clientToken = plant('a clientToken', randomUUID());
    const reference = plant('a reference');
    const { requestId } = await client.submitKey(imageKey, { describe: true, reference, clientToken });
    for await (const _ of client.watch(requestId));
    const result = await client.result(requestId);
    expect(result).toMatchObject({ status: 'COMPLETED', description: { source: 'openai' }, reference });
    completedId = requestId;
    plant('the owner', result?.owner.slice('cognito#'.length));
    for (const { code, probability } of result?.predictions ?? [])
      plant(`the probability of ${code}`, `${probability}`);
    plant('the sharpness of a photo', String(result?.imageQuality?.sharpness));
    plant('a heatmap', result?.heatmap?.values.slice(0, 3).join(','));
  }

  async function anLlmThatTalks() {
    const moods: ReturnType<Mood>[] = [
      { refuses: plant('a refusal of the LLM') },
      { says: JSON.stringify({ text: `You have a melanoma. ${plant('a lie of the LLM')}` }) },
      // Short enough for the parser to quote it whole, on a line that looks like one of a stack.
      { says: `\nat ${plant('a text of the LLM that is no JSON', `canary${randomUUID().slice(0, 8)}`)}` },
      { says: JSON.stringify({ [plant('a key in the JSON of the LLM')]: 1 }) },
      { fails: 400, body: { error: { message: plant('an error of the LLM'), code: 'bad', type: 'x' } } },
    ];
    for (const mood of moods) {
      llm.setMood(() => mood);
      const { description } = await client.classify(photoWith('x'), { describe: true });
      expect(description).toMatchObject({ source: 'template' });
    }
    await run.cloud.faults.redis.stop();
    await client.classify(photoWith('x'), { describe: true });
    await run.cloud.faults.redis.start();
  }

  async function photosThatFail() {
    const noPhoto = new Uint8Array(Buffer.from(`${plant('a text that is no photo')} <script>`));
    expect(await client.classify(noPhoto, { contentType: 'image/png' })).toMatchObject({ status: 'FAILED' });
    const { s3 } = admin(run.cloud);
    const imageKey = await client.upload(samplePhoto);
    const Bucket = run.cloud.outputs.UploadBucketName;
    run.cloud.faults.gateway(async ({ service, method, headers }) => {
      if (service !== 's3' || method !== 'GET' || !headers['if-match']) return undefined;
      run.cloud.faults.gateway(undefined);
      await s3.send(new PutObjectCommand({ Bucket, Key: imageKey, Body: plant('the photo in its place') }));
      return undefined;
    });
    const { requestId } = await client.submitKey(imageKey);
    for await (const _ of client.watch(requestId));
    expect(await client.result(requestId)).toMatchObject({ status: 'FAILED', error: { code: 'ImageChanged' } });
    s3.destroy();
  }

  async function servicesThatFail() {
    const reference = plant('a reference that a service quotes');
    const imageKey = await client.upload(samplePhoto);
    failingWith(plant('an error of DynamoDB'), 'dynamodb', (text) => text.includes('PutItem'));
    await client.submitKey(imageKey, { reference }).catch(keepError);
    failingWith(plant('another error of DynamoDB'), 'dynamodb', (text) => text.includes('"PROCESSING"'));
    const { requestId } = await client.submitKey(imageKey, { reference });
    await logged('message goes back to the queue');
    failingWith(plant('an error of S3'), 's3', (text) => text.startsWith('DELETE'));
    await client.cancel(requestId);
    await client.remove(requestId).catch(keepError);
    expect(errors).toMatchObject([{ code: 'InternalError' }, { code: 'ServiceUnavailable' }]);
    run.cloud.faults.gateway(undefined);
    await client.remove(requestId);
  }

  /** What AppSync refuses ends in the publisher's failure queue. */
  async function aPushThatFails() {
    const { dynamoDb } = admin(run.cloud);
    const owner = `cognito#${plant('the owner of what cannot be pushed')}`;
    const item = { requestId: randomUUID(), owner, status: plant('a status'), version: 1, expiresAt: 9_999_999_999 };
    const TableName = run.cloud.outputs.RequestTableName;
    await dynamoDb.send(new PutCommand({ TableName, Item: { ...item, timeline: [], image: { key: 'x' } } }));
    await logged('RetryAttemptsExhausted');
    dynamoDb.destroy();
  }

  async function callersWhoTryThings() {
    const token = await run.cloud.token(user);
    for (const part of token.split('.')) plant(`part ${part.slice(0, 4)} of a token`, part);
    plant('the API key', run.cloud.config.apiKey);
    plant('the secret of an access key', SECRET_ACCESS_KEY);
    const caller = withToken(token);
    const submit = 'mutation ($input: SubmitRequestInput!) { submitRequest(input: $input) { requestId } }';
    for (const name of ['imageKey', 'clientToken', 'reference', 'locale']) {
      const text = `${plant(`a ${name} that is none`)}\n{"level":"error","message":"forged"}`;
      const answer = await ask(run.cloud, caller, submit, { input: { imageKey: 'x', [name]: text } });
      expect(answer.errors).toHaveLength(1);
    }
    const get = 'query ($id: ID!) { getResult(requestId: $id) { requestId } }';
    await ask(run.cloud, caller, get, { id: plant('an id of a request that is none') });
    await ask(run.cloud, caller, get, { id: plant('a long id').repeat(10) });
    await ask(run.cloud, caller, `{ listRequests(nextToken: "${plant('a nextToken that is none')}") { nextToken } }`);
    await ask(run.cloud, caller, `{ ${plant('a query that is none')}`);
    await ask(run.cloud, caller, `{ ${plant('a field that is none')} }`);
    await ask(run.cloud, withApiKey(plant('an API key that is none')), '{ getModel { name } }');
    await ask(run.cloud, withToken(plant('a token that is none')), '{ getModel { name } }');
    await ask(run.cloud, withToken(`${token}${plant('a signature that is none')}`), '{ getModel { name } }');
    await send(run.cloud, plant('a body that is none'), await caller(''));
    const listener = await listen(run.cloud, caller);
    const subscribe = 'subscription ($id: ID) { onRequestUpdated(requestId: $id) { owner } }';
    await listener.subscribe('1', subscribe, { id: plant('an id to listen to').repeat(10) });
    listener.close();
  }
});

const logFiles = () =>
  readdirSync(run.cloud.logDir, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
const logs = () =>
  logFiles().map(({ parentPath, name }) => ({ name, text: readFileSync(join(parentPath, name), 'utf8') }));

async function logged(text: string): Promise<void> {
  await vi.waitFor(
    () =>
      expect(
        logs()
          .map((log) => log.text)
          .join(),
      ).toContain(text),
    { timeout: 30_000 },
  );
}

/** As it is, and as it would be in the middle of something encoded. */
function spellingsOf(canary: string): string[] {
  const bytes = Buffer.from(canary);
  const shifted = [0, 1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [canary, encodeURIComponent(canary), bytes.toString('hex'), ...shifted].filter((text) => text.length > 7);
}

describe('the logs of a run in which everything went well and wrong', () => {
  test('are there: each function that ran has written, and names the request', () => {
    expect(logs().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['inference.log', 'publisher.log', 'cloud.log']),
    );
    expect(
      logs()
        .filter(({ text }) => text.includes(completedId))
        .map(({ name }) => name),
    ).toContain('inference.log');
  });

  test('hold nothing of a user, a photo, a result, an LLM or a secret', () => {
    expect(planted.size).toBeGreaterThan(40);
    const found = [...planted].flatMap(([what, canary]) =>
      logs()
        .filter(({ text }) => spellingsOf(canary).some((spelling) => text.includes(spelling)))
        .map(({ name }) => `${what} is in ${name}`),
    );
    expect(found).toEqual([]);
  });

  test('consist of whole lines that we wrote: nothing that came from outside began one', () => {
    for (const { name, text } of logs()) {
      for (const line of text.split('\n').filter(Boolean)) {
        expect(JSON.parse(line)).toMatchObject({ function: name.replace('.log', ''), level: expect.any(String) });
      }
      expect(text).not.toContain('forged');
    }
  });

  test('say of an error its name and where it arose, never its message', () => {
    const lines = logs().flatMap(({ text }) => text.split('\n').filter((line) => line.includes('"event"')));
    const errors = lines.map((line) => JSON.parse(line).message.error).filter((error) => error !== undefined);
    expect(errors.length).toBeGreaterThan(5);
    for (const error of errors)
      expect(error).toMatch(/^[\w ]{1,60}?( [A-Za-z0-9_]{1,40})?( at .+(:\d+:\d+\)?|<anonymous>\)))?$/);
  });
});

test('no caller is told what a service said', () => {
  const said = [...planted].filter(([what]) => what.startsWith('an error of') || what.startsWith('another error of'));
  expect(said).toHaveLength(4);
  for (const [, canary] of said) expect(JSON.stringify(errors)).not.toContain(canary);
});

test('the LLM is told what the model found, and nothing of whom, of the photo, or of what a user typed', () => {
  const result = ['probability', 'sharpness', 'heatmap'];
  const own = ['LLM', 'service', 'error'];
  const told = JSON.stringify(llm.told);
  const rest = [...planted].filter(([what]) => ![...result, ...own].some((word) => what.includes(word)));
  expect(rest.length).toBeGreaterThan(20);
  const found = rest.filter(([, canary]) => spellingsOf(canary).some((spelling) => told.includes(spelling)));
  expect(found.map(([what]) => what)).toEqual([]);
  expect(told).not.toContain(completedId);
  expect(llm.told).toHaveLength(7);
  for (const request of llm.told) expect(request).toMatchObject({ store: false });
});
