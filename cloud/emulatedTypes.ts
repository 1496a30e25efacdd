import { appSyncTypes } from './appsync/resources.ts';
import { cognitoTypes } from './cognito/resources.ts';
import { dynamoDbTypes } from './dynamodb/resources.ts';
import { iamTypes } from './iam/resources.ts';
import { lambdaTypes } from './lambda/resources.ts';
import { elastiCacheTypes } from './redis/resources.ts';
import { s3Types } from './s3/resources.ts';
import { sageMakerTypes } from './sageMaker/resources.ts';
import { schedulerTypes } from './scheduler/resources.ts';
import { type SecretValues, secretsManagerTypes } from './secretsManager/resources.ts';
import { sqsTypes } from './sqs/resources.ts';
import type { Engines } from './startEngines.ts';
import type { ResourceTypes } from './template/resourceTypes.ts';

/**
 * Every CloudFormation type that is run, each from the folder of its service. A type that is new goes there.
 *
 * @param graphqlUrl where the API is, or will be
 */
export function emulatedTypes(engines: Engines, graphqlUrl: string, secrets: SecretValues): ResourceTypes {
  return {
    ...appSyncTypes(graphqlUrl),
    ...cognitoTypes,
    ...dynamoDbTypes(engines.dynamoDb),
    ...elastiCacheTypes(engines.cache),
    ...iamTypes,
    ...lambdaTypes,
    ...s3Types(engines.s3),
    ...sageMakerTypes,
    ...schedulerTypes,
    ...secretsManagerTypes(engines.secretsManager, secrets),
    ...sqsTypes(engines.sqs),
  };
}
