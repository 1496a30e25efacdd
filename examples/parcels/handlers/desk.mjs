import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';

const { TABLE_NAME: TableName, QUEUE_URL: QueueUrl } = process.env;
const table = DynamoDBDocumentClient.from(new DynamoDBClient());
const queue = new SQSClient();

export async function handler({ field, id, to }) {
  if (field === 'parcel') return (await table.send(new GetCommand({ TableName, Key: { id } }))).Item ?? null;
  const parcel = { id: randomUUID(), to, place: 'desk' };
  await table.send(new PutCommand({ TableName, Item: parcel }));
  await queue.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(parcel) }));
  return parcel;
}
