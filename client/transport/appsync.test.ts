/** The client as it is, against the embedded AppSync with this API's schema and its own resolvers. */
import { readFileSync } from 'node:fs';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppSync, type AppSyncOptions, startAppSync } from '../../cloud/appsync/startAppSync.ts';
import { startCognito } from '../../cloud/cognito/startCognito.ts';
import { ACCESS_KEY_PREFIX, SECRET_ACCESS_KEY } from '../../cloud/engine.ts';
import { publishRequestUpdate } from '../../workers/publisher/generated/publishRequestUpdate.ts';
import { createClient } from '../createClient.ts';
import type { LesionClient } from '../lesionClient.ts';
import type { Request, Update } from '../request.ts';
import { aLife, aRequest } from '../testing/requests.ts';

const PUBLISHER = `${ACCESS_KEY_PREFIX}Publisher`;
const cognito = startCognito({ issuerBase: () => 'http://127.0.0.1', userPoolId: 'pool', clientId: 'app' });
const code = (file: string) => readFileSync(new URL(`../../resolvers/${file}`, import.meta.url), 'utf8');
const none = { type: 'NONE' } as const;
const stored = new Map<string, Request>();

const options: AppSyncOptions = {
  port: 0,
  schema: readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'),
  defaultAuth: 'COGNITO',
  additionalAuth: ['IAM'],
  apiKeys: [],
  verifyJwt: (token) => cognito.verify(token),
  secretOf: () => SECRET_ACCESS_KEY,
  isAllowed: (key) => key === PUBLISHER,
  apiId: 'api',
  resolvers: [
    {
      typeName: 'Subscription',
      fieldName: 'onRequestUpdated',
      code: code('Subscription.onRequestUpdated.js'),
      dataSource: none,
    },
    {
      typeName: 'Mutation',
      fieldName: 'publishRequestUpdate',
      code: code('Mutation.publishRequestUpdate.js'),
      dataSource: none,
    },
    {
      typeName: 'Query',
      fieldName: 'getResult',
      code: code('invokeLambda.js'),
      dataSource: { type: 'AWS_LAMBDA', functionName: 'getResult' },
    },
  ],
  invoke: async (_name, event) => {
    const { requestId } = (event as { arguments: { requestId: string } }).arguments;
    return { payload: { data: stored.get(requestId) ?? null } };
  },
  introspection: true,
};

let server: AppSync;
const clients: LesionClient[] = [];

beforeAll(async () => {
  server = await startAppSync(options);
});

afterAll(async () => {
  for (const client of clients) client.close();
  await server.stop();
});

function clientOf(user: string): LesionClient {
  const client = createClient({ graphqlUrl: server.graphqlUrl, token: () => cognito.token(user) });
  clients.push(client);
  return client;
}

async function ownerOf(user: string): Promise<string> {
  return `cognito#${(await cognito.verify(await cognito.token(user))).sub}`;
}

async function publish(request: Request): Promise<void> {
  const signer = new AwsClient({
    accessKeyId: PUBLISHER,
    secretAccessKey: SECRET_ACCESS_KEY,
    service: 'appsync',
    region: 'us-east-1',
  });
  const body = JSON.stringify({ query: publishRequestUpdate, variables: { request: JSON.stringify(request) } });
  const answer = await (await signer.fetch(server.graphqlUrl, { method: 'POST', body })).json();
  expect(answer.errors).toBeUndefined();
}

test('has every change of its user pushed, with every field, and nothing of anyone else', async () => {
  const [alice, bob] = await Promise.all([ownerOf('alice'), ownerOf('bob')]);
  const ofAlice = clientOf('alice');
  await ofAlice.listen();
  for (const request of aLife('bobs')) await publish({ ...request, owner: bob });
  for (const request of aLife('alices')) await publish({ ...request, owner: alice });
  const updates: Update[] = [];
  for await (const update of ofAlice.watch('alices', { reads: false })) updates.push(update);
  expect(updates.map(({ request }) => request)).toEqual(
    aLife('alices').map((request) => ({ ...request, owner: alice })),
  );
  await expect(ofAlice.watch('bobs', { reads: false, signal: AbortSignal.timeout(50) }).next()).rejects.toMatchObject({
    code: 'Aborted',
  });
});

test('hears again of changes, and reads those it missed, after the server was restarted', async () => {
  const owner = await ownerOf('carol');
  const [pending, processing, , completed] = aLife('carols').map((request) => ({ ...request, owner }));
  stored.set('carols', pending!);
  const updates = clientOf('carol').watch('carols');
  expect((await updates.next()).value).toMatchObject({ request: pending, via: 'read' });

  const { port } = server;
  await server.stop();
  stored.set('carols', processing!);
  server = await startAppSync({ ...options, port });
  expect((await updates.next()).value).toMatchObject({ request: processing, via: 'read' });

  const last = updates.next();
  await publish(completed!);
  expect((await last).value).toMatchObject({ request: completed, via: 'push' });
  expect((await updates.next()).done).toBe(true);
});

test('says Unauthorized for a token that has expired', async () => {
  const token = await cognito.token('dave', { expiresInSeconds: -60 });
  const client = createClient({ graphqlUrl: server.graphqlUrl, token: async () => token });
  clients.push(client);
  await expect(client.result(aRequest().requestId)).rejects.toMatchObject({ code: 'Unauthorized' });
  await expect(client.listen()).rejects.toMatchObject({ code: 'Unauthorized' });
});
