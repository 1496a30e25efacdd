import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';

const table = DynamoDBDocumentClient.from(new DynamoDBClient());

export async function handler({ Records }) {
  for (const { body } of Records) {
    const Item = { ...JSON.parse(body), place: 'van' };
    await table.send(new PutCommand({ TableName: process.env.TABLE_NAME, Item }));
  }
}
