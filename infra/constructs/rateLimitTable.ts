import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { allow, type Grant } from './grant.ts';

/** A counter for each owner and minute. Not worth a backup: losing one lets somebody submit a few photos more. */
export class RateLimitTable extends Construct {
  private readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'ownerMinute', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      timeToLiveAttribute: 'expiresAt',
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  grantCount(): Grant {
    return { value: this.table.tableName, statements: [allow(['dynamodb:UpdateItem'], this.table.tableArn)] };
  }
}
