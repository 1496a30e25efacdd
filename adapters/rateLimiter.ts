import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { epochSeconds } from '../core/deadlines.ts';
import { LesionError } from '../core/errors.ts';
import { boundedClient, isAwsError } from './awsClient.ts';

const minute = 60_000;

/** One counter per owner and minute in DynamoDB, gone by its time to live. */
export function createRateLimiter(tableName: string, perMinute: number, now: () => Date = () => new Date()) {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(boundedClient));

  /** @throws LesionError TooManyRequests with `retryAfterSeconds`, once the owner's minute is used up */
  async function count(owner: string): Promise<void> {
    const at = now();
    const window = Math.floor(at.getTime() / minute);
    try {
      await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { ownerMinute: `${owner}#${window}` },
          UpdateExpression: 'ADD submissions :one SET expiresAt = :expiresAt',
          ConditionExpression: 'attribute_not_exists(submissions) OR submissions < :limit',
          ExpressionAttributeValues: { ':one': 1, ':limit': perMinute, ':expiresAt': epochSeconds(at, 10 * minute) },
        }),
      );
    } catch (error) {
      if (!isAwsError(error, 'ConditionalCheckFailedException')) throw error;
      const retryAfterSeconds = Math.ceil(((window + 1) * minute - at.getTime()) / 1000);
      const message = `At most ${perMinute} photos a minute. Try again in ${retryAfterSeconds} s.`;
      throw new LesionError('TooManyRequests', message, { info: { retryAfterSeconds } });
    }
  }

  return { count };
}
