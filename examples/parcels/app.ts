/** A parcel service: taken in by a mutation, sorted by a queue's worker, and every move told to whoever listens. */
import { join } from 'node:path';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as appsync from 'aws-cdk-lib/aws-appsync';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Queue } from 'aws-cdk-lib/aws-sqs';

const here = import.meta.dirname;
const stack = new Stack(new App(), 'Parcels');

const users = new UserPool(stack, 'Users', { removalPolicy: RemovalPolicy.DESTROY });
users.addClient('App');
const table = new Table(stack, 'Table', {
  tableName: 'parcels',
  partitionKey: { name: 'id', type: AttributeType.STRING },
  stream: StreamViewType.NEW_IMAGE,
  removalPolicy: RemovalPolicy.DESTROY,
});
const toSort = new Queue(stack, 'ToSort', { queueName: 'parcels-to-sort', visibilityTimeout: Duration.seconds(30) });

const api = new appsync.GraphqlApi(stack, 'Api', {
  name: 'parcels',
  definition: appsync.Definition.fromFile(join(here, 'schema.graphql')),
  authorizationConfig: {
    defaultAuthorization: {
      authorizationType: appsync.AuthorizationType.USER_POOL,
      userPoolConfig: { userPool: users },
    },
    additionalAuthorizationModes: [
      { authorizationType: appsync.AuthorizationType.API_KEY },
      { authorizationType: appsync.AuthorizationType.IAM },
    ],
  },
});

function handler(name: string, environment: Record<string, string>): NodejsFunction {
  return new NodejsFunction(stack, name, {
    runtime: Runtime.NODEJS_24_X,
    entry: join(here, 'handlers', `${name}.mjs`),
    environment,
  });
}

const desk = handler('desk', { TABLE_NAME: table.tableName, QUEUE_URL: toSort.queueUrl });
table.grantReadWriteData(desk);
toSort.grantSendMessages(desk);

const sorter = handler('sorter', { TABLE_NAME: table.tableName });
table.grantWriteData(sorter);
sorter.addEventSource(new SqsEventSource(toSort));

const announcer = handler('announcer', { GRAPHQL_URL: api.graphqlUrl });
announcer.addEventSource(new DynamoEventSource(table, { startingPosition: StartingPosition.TRIM_HORIZON }));
api.grantMutation(announcer, 'announce');

const runtime = appsync.FunctionRuntime.JS_1_0_0;
const counter = api.addLambdaDataSource('Desk', desk);
const invoke = appsync.Code.fromInline(`
  export const request = (ctx) => ({ operation: 'Invoke', payload: { field: ctx.info.fieldName, ...ctx.args } });
  export const response = (ctx) => ctx.result;`);
counter.createResolver('Send', { typeName: 'Mutation', fieldName: 'send', code: invoke, runtime });
counter.createResolver('Parcel', { typeName: 'Query', fieldName: 'parcel', code: invoke, runtime });
api.addNoneDataSource('Nobody').createResolver('Announce', {
  typeName: 'Mutation',
  fieldName: 'announce',
  runtime,
  code: appsync.Code.fromInline(`
    export const request = (ctx) => ({ payload: ctx.args });
    export const response = (ctx) => ctx.result;`),
});
