import { AssetHashType, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Bundles, FunctionName } from '../bundling/bundles.ts';
import { allow, type Grant, type Granted } from './grant.ts';

/** Long enough to look into what a user reports, short enough not to hoard. */
export const LOG_RETENTION = RetentionDays.ONE_MONTH;

export interface Network {
  vpc: IVpc;
  securityGroup: ISecurityGroup;
}

interface ProductFunctionProps<Environment> {
  bundles: Bundles;
  /** What the product's entry file calls for, each variable with its permissions. */
  environment: Granted<Environment>;
  /** Variables that depend on the deployment's options. */
  optional?: Record<string, Grant>;
  memoryMb: number;
  timeout: Duration;
  /** Not given: outside of any VPC. */
  network?: Network | undefined;
}

/**
 * Actions that have no resource to name, for Lambda makes the interfaces in the VPC as the function's role.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
export const NETWORK_INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** A Lambda function of the product, with a role and a log group of its own. Its id is the name of its bundle. */
export class ProductFunction<Environment = never> extends Construct {
  readonly lambda: LambdaFunction;
  readonly timeout: Duration;
  private readonly role: Role;

  constructor(scope: Construct, name: FunctionName, props: ProductFunctionProps<Environment>) {
    super(scope, name);
    const { memoryMb, timeout, network, bundles } = props;
    const grants: [string, Grant][] = [
      ...Object.entries<Grant>(props.environment),
      ...Object.entries(props.optional ?? {}),
    ];
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/${Stack.of(this).stackName}/${name}`,
      retention: LOG_RETENTION,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.timeout = timeout;
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn));
    if (network) this.allow(allow(NETWORK_INTERFACE_ACTIONS, '*'));
    for (const [, { statements }] of grants) this.allow(...statements);
    this.lambda = new LambdaFunction(this, 'Function', {
      description: name,
      code: codeOf(bundles[name]),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.X86_64,
      memorySize: memoryMb,
      timeout,
      environment: Object.fromEntries(grants.map(([variable, { value }]) => [variable, value])),
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      ...(network && { vpc: network.vpc, securityGroups: [network.securityGroup] }),
    });
  }

  allow(...statements: PolicyStatement[]): void {
    for (const statement of statements) this.role.addToPolicy(statement);
  }
}

/** The hash is known; CDK need not read 60 MB to find one of its own. */
function codeOf({ directory, hash }: Bundles[FunctionName]): Code {
  return Code.fromAsset(directory, { assetHash: hash, assetHashType: AssetHashType.CUSTOM });
}
