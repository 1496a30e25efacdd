// A stock aws-amplify client: sends a parcel as a user, and tells where it is each time that is pushed.
//   NODE_EXTRA_CA_CERTS=.embedded-cloud/certificate/localhost.cert.pem node watch.mjs https://127.0.0.1:4000/config.json
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { Hub } from 'aws-amplify/utils';

const { graphqlUrl, region, apiKey, tokenUrl } = await (await fetch(process.argv[2])).json();
const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"user":"alice"}' };
const { token } = await (await fetch(tokenUrl, asked)).json();
const tokens = { getTokens: async () => ({ accessToken: { payload: {}, toString: () => token } }) };
Amplify.configure(
  { API: { GraphQL: { endpoint: graphqlUrl, region, apiKey, defaultAuthMode: 'userPool' } } },
  { Auth: { tokenProvider: tokens } },
);
const client = generateClient();
const onMoved = 'subscription ($to: String) { onMoved(to: $to) { id to place } }';

function listen(to, authMode) {
  const events = client.graphql({ query: onMoved, variables: { to }, authMode });
  events.subscribe({
    next: ({ data }) => console.log(`${authMode} heard: ${data.onMoved.to}'s parcel is at the ${data.onMoved.place}`),
    error: (error) => console.error(JSON.stringify(error)),
  });
}

// amplify rejects with plain objects.
process.on('unhandledRejection', (reason) => {
  console.error(JSON.stringify(reason));
  process.exit(1);
});

let acknowledged = 0;
Hub.listen('api', async ({ payload }) => {
  if (payload.event !== 'Subscription ack' || ++acknowledged < 2) return;
  for (const to of ['bob', 'carol']) {
    await client.graphql({ query: 'mutation ($to: String!) { send(to: $to) { id to place } }', variables: { to } });
  }
});
listen('bob', 'userPool');
listen('carol', 'apiKey');
