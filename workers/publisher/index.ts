import type { DynamoDBStreamEvent } from 'aws-lambda';
import { environment } from '../../adapters/environment.ts';
import { createPublisher } from '../../adapters/publisher.ts';
import { publishRequestUpdate } from './generated/publishRequestUpdate.ts';
import { publishChanges } from './publishChanges.ts';

const env = environment(['GRAPHQL_URL']);
export type Environment = typeof env;

const lambda = environment(['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']);
const credentials = {
  accessKeyId: lambda.AWS_ACCESS_KEY_ID,
  secretAccessKey: lambda.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
};
const publisher = createPublisher(env.GRAPHQL_URL, publishRequestUpdate, lambda.AWS_REGION, credentials);

export const handler = (event: DynamoDBStreamEvent) => publishChanges(event.Records, publisher, new Date());
