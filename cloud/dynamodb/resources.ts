import * as z from 'zod';
import type { ResourceTypes } from '../template/resourceTypes.ts';
import type { DynamoDb } from './startDynamoDb.ts';
import type { TableProperties } from './tableStore.ts';

export function dynamoDbTypes(dynamoDb: DynamoDb): ResourceTypes {
  return {
    'AWS::DynamoDB::Table': {
      nameProperty: 'TableName',
      async bringUp({ name, properties }) {
        // The table store looks at each property itself.
        const given = z.custom<TableProperties>().parse(properties());
        const table = await dynamoDb.createTable({ ...given, TableName: name });
        return { ref: name, Arn: table.arn, StreamArn: table.streamArn };
      },
    },
  };
}
