import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, type CloudOptions, startCloud } from '../../cloud/index.ts';
import { ask, withAccessKey, withApiKey, withToken } from '../support/callers.ts';
import { listen } from '../support/listening.ts';

/** CDK apps in the manner of public ones, which know nothing of where they run. */
function useApp(name: string, options: CloudOptions = {}) {
  let cloud: Cloud;
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), `${name}-`));
    const app = { directory: join(import.meta.dirname, name), command: 'node app.ts', assemblies: join(home, 'out') };
    cloud = await startCloud({ app, ...options });
  });
  afterAll(async () => {
    await cloud?.stop();
    rmSync(home, { recursive: true });
  });
  return () => cloud;
}

const operator = (cloud: Cloud) => withAccessKey(cloud, cloud.operator.accessKeyId);

describe('fields that a resolver makes up by itself, for IAM', () => {
  const cloud = useApp('greetings', { secrets: { Address: { token: 'given' } } });

  test('are answered, and what the resolver says to the console lands in the log', async () => {
    const answer = await ask(cloud(), operator(cloud()), '{ greet(name: "Ada") { text at } }');
    expect(answer).toMatchObject({ data: { greet: { text: 'Hello, Ada!' } } });
    const refused = await ask(cloud(), operator(cloud()), '{ greet(name: "") { text } }');
    expect(refused.errors).toMatchObject([{ message: 'Whom?', errorType: 'NoName' }]);
    const log = readFileSync(join(cloud().logDir, 'cloud.log'), 'utf8').trim().split('\n');
    expect(log.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: 'info',
        message: ['Query.greet:', 'asked by', expect.stringContaining('assumed-role'), { arguments: { name: 'Ada' } }],
      },
      { level: 'info' },
      { level: 'error', message: ['Query.greet:', 'nobody to greet'] },
    ]);
  });

  test('are refused to whoever does not sign', async () => {
    expect(await ask(cloud(), withApiKey('da2-guess'), '{ __typename }')).toMatchObject({ status: 401 });
  });

  test('a secret holds the address of the API, and in its empty field what the caller filled in', async () => {
    const { gatewayUrl: endpoint, outputs, config, operator: credentials } = cloud();
    const client = new SecretsManagerClient({ endpoint, region: config.region, credentials });
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: outputs.SecretArn }));
    expect(JSON.parse(SecretString ?? '')).toEqual({ url: config.graphqlUrl, token: 'given' });
  });
});

describe('a filter of the server, where the retention of logs is asked for', () => {
  const cloud = useApp('tickets');
  const report =
    'mutation ($area: String!, $severity: Int!) { report(area: $area, severity: $severity) { area severity } }';

  test('lets through what is urgent and of the area, and nothing else', async () => {
    const listener = await listen(cloud(), operator(cloud()));
    await listener.subscribe('1', 'subscription { onUrgent(area: "north") { area severity } }');
    const tickets = [
      { area: 'north-1', severity: 2 },
      { area: 'south-1', severity: 5 },
      { area: 'north-2', severity: 3 },
    ];
    for (const ticket of tickets) {
      expect(await ask(cloud(), operator(cloud()), report, ticket)).toMatchObject({ data: { report: ticket } });
    }
    const { payload } = await listener.frame(({ type }) => type === 'data');
    expect(payload).toEqual({ data: { onUrgent: { area: 'north-2', severity: 3 } } });
    listener.close();
  }, 20_000);

  test('what is left out is said by name, with the reason', () => {
    expect(cloud().notes.leftOut.get('Custom::LogRetention')).toBe('the logs lie in files');
  });
});

describe('publish and subscribe for visitors and users', () => {
  const cloud = useApp('channels');
  const publish = 'mutation ($channel: String!) { publish(channel: $channel, data: "{}") { channel by data } }';
  const visitor = () => withApiKey(cloud().config.apiKey ?? '');
  const user = async () => withToken(await cloud().token('alice'));

  test('a resolver knows how its caller came in', async () => {
    expect(await ask(cloud(), visitor(), '{ whoami }')).toMatchObject({ data: { whoami: 'a visitor' } });
    expect(await ask(cloud(), await user(), '{ whoami }')).toMatchObject({ data: { whoami: 'alice' } });
  });

  test('a filter with alternatives lets each of them through', async () => {
    const listener = await listen(cloud(), await user());
    const subscribe = 'subscription { onMessage(channel: "news", orChannel: "sport") { channel by } }';
    await listener.subscribe('1', subscribe);
    for (const channel of ['news', 'weather', 'sport']) await ask(cloud(), visitor(), publish, { channel });
    await listener.frame(({ type, payload }) => type === 'data' && JSON.stringify(payload).includes('sport'));
    expect(listener.frames.filter(({ type }) => type === 'data').map(({ payload }) => payload)).toEqual([
      { data: { onMessage: { channel: 'news', by: 'API Key Authorization' } } },
      { data: { onMessage: { channel: 'sport', by: 'API Key Authorization' } } },
    ]);
    listener.close();
  }, 20_000);
});
