import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allow, type Grant } from './grant.ts';

type ItemAction = 'dynamodb:GetItem' | 'dynamodb:PutItem' | 'dynamodb:UpdateItem';
type Index = 'byOwner' | 'due';

/** The one truth about every request. It outlives its stack. */
export class RequestTable extends Construct {
  readonly name: string;
  readonly streamArn: string;
  private readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'requestId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      // A week, not the 35 days that there might be: what somebody erased stays in the backup as long.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 7 },
      timeToLiveAttribute: 'expiresAt',
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: 'byOwner',
      partitionKey: { name: 'owner', type: AttributeType.STRING },
      sortKey: { name: 'submittedAt', type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
    // Sparse: only what is open has a dueBucket, so that the sweeper never has to look at the rest.
    this.table.addGlobalSecondaryIndex({
      indexName: 'due',
      partitionKey: { name: 'dueBucket', type: AttributeType.STRING },
      sortKey: { name: 'dueAt', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.name = this.table.tableName;
    this.streamArn = this.table.tableStreamArn ?? '';
  }

  grant(...actions: ItemAction[]): Grant {
    return { value: this.name, statements: [allow(actions, this.table.tableArn)] };
  }

  /** To query one index, and for what else is to be done with single items. */
  grantQuery(index: Index, ...actions: ItemAction[]): Grant {
    const query = allow(['dynamodb:Query'], `${this.table.tableArn}/index/${index}`);
    return {
      value: this.name,
      statements: actions.length > 0 ? [query, ...this.grant(...actions).statements] : [query],
    };
  }

  streamReading(): PolicyStatement[] {
    return [
      allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], this.streamArn),
      // Lists the streams of a table, so it cannot name one.
      allow(['dynamodb:ListStreams'], `${this.table.tableArn}/stream/*`),
    ];
  }
}
