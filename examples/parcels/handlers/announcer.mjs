import { AwsClient } from 'aws4fetch';

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, GRAPHQL_URL } = process.env;
const aws = new AwsClient({
  accessKeyId: AWS_ACCESS_KEY_ID,
  secretAccessKey: AWS_SECRET_ACCESS_KEY,
  sessionToken: AWS_SESSION_TOKEN,
  region: AWS_REGION,
  service: 'appsync',
});
// What is selected here is what subscribers get.
const query = `mutation ($id: ID!, $to: String!, $place: String!) {
  announce(id: $id, to: $to, place: $place) { id to place }
}`;

export async function handler({ Records }) {
  for (const { dynamodb } of Records) {
    const { id, to, place } = dynamodb.NewImage ?? {};
    if (!id) continue;
    const variables = { id: id.S, to: to.S, place: place.S };
    const answer = await aws.fetch(GRAPHQL_URL, { method: 'POST', body: JSON.stringify({ query, variables }) });
    const { errors } = await answer.json();
    if (errors) throw new Error(JSON.stringify(errors));
  }
}
