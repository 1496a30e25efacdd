import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ADMIN_ACCESS_KEY, REGION, SECRET_ACCESS_KEY } from '../../cloud/engine.ts';
import type { Product } from '../../local/product.ts';

/** AWS as an operator reaches it, who may do everything: for what no caller of the API could set up or see. */
export function admin({ gatewayUrl }: Pick<Product, 'gatewayUrl'>) {
  const credentials = { accessKeyId: ADMIN_ACCESS_KEY, secretAccessKey: SECRET_ACCESS_KEY };
  const config = { endpoint: gatewayUrl, region: REGION, credentials, maxAttempts: 1 };
  return {
    dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sqs: new SQSClient(config),
  };
}
