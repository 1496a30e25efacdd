import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { epochSeconds } from '../core/deadlines.ts';
import { LesionError } from '../core/errors.ts';
import { boundedClient, isAwsError } from './awsClient.ts';

const minute = 60_000;

/**
 * One item per owner and minute in DynamoDB, gone by its time to live. It holds what was counted, and not how much, so that
 * the same thing ten times at once counts once.
 */
export function createRateLimiter(tableName: string, perMinute: number, now: () => Date = () => new Date()) {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(boundedClient));

  /**
   * @param what the submission, by a name that it has each time
   * @throws LesionError TooManyRequests with `retryAfterSeconds`, once the owner's minute is used up
   */
  async function count(owner: string, what: string): Promise<void> {
    const at = now();
    const window = Math.floor(at.getTime() / minute);
    try {
      await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { ownerMinute: `${owner}#${window}` },
          UpdateExpression: 'ADD submissions :these SET expiresAt = :expiresAt',
          ConditionExpression:
            'attribute_not_exists(submissions) OR size(submissions) < :limit OR contains(submissions, :this)',
          ExpressionAttributeValues: {
            ':this': what,
            ':these': new Set([what]),
            ':limit': perMinute,
            ':expiresAt': epochSeconds(at, 10 * minute),
          },
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
