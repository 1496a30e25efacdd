import { Names } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  type ISecurityGroup,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache } from 'aws-cdk-lib/aws-elasticache';
import { Construct } from 'constructs';
import { type Grant, setting } from './grant.ts';
import type { Handover } from './handover.ts';
import type { Network } from './productFunction.ts';

const REDIS = Port.tcp(6379);

/** cache=redis: ElastiCache Serverless, which speaks TLS only, in a VPC that holds the two workers and nothing else. */
export class RedisHandover extends Construct implements Handover {
  readonly network: Network;
  private readonly cache: CfnServerlessCache;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const vpc = twoZones(this);
    const workers = new SecurityGroup(this, 'Workers', { vpc, allowAllOutbound: false });
    workers.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'AWS and the LLM');
    const own = new SecurityGroup(this, 'CacheAccess', { vpc, allowAllOutbound: false });
    own.connections.allowFrom(workers, REDIS, 'from the inference and the enrichment worker');
    this.network = { vpc, securityGroup: workers };
    this.cache = serverlessCache(this, vpc, own);
  }

  put(): Record<string, Grant> {
    return { REDIS_HOST: setting(this.cache.attrEndpointAddress), REDIS_PORT: setting(this.cache.attrEndpointPort) };
  }

  get(): Record<string, Grant> {
    return this.put();
  }
}

/** One NAT gateway: it carries no user's request, and without it the queues wait. S3 and DynamoDB go around it. */
function twoZones(scope: Construct): Vpc {
  return new Vpc(scope, 'Vpc', {
    maxAzs: 2,
    natGateways: 1,
    subnetConfiguration: [
      { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 24 },
      { name: 'Workers', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
    ],
    gatewayEndpoints: {
      S3: { service: GatewayVpcEndpointAwsService.S3 },
      DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
    },
    // Would take a custom resource; nothing is in the default group.
    restrictDefaultSecurityGroup: false,
  });
}

/** The least there is to book: the describer's input is some 2 KB, kept for 15 minutes. */
function serverlessCache(scope: Construct, vpc: Vpc, securityGroup: ISecurityGroup): CfnServerlessCache {
  return new CfnServerlessCache(scope, 'Cache', {
    engine: 'valkey',
    majorEngineVersion: '8',
    serverlessCacheName: Names.uniqueResourceName(scope, { maxLength: 40 }).toLowerCase(),
    description: 'What the inference worker hands to the enrichment worker',
    subnetIds: vpc.privateSubnets.map(({ subnetId }) => subnetId),
    securityGroupIds: [securityGroup.securityGroupId],
    cacheUsageLimits: { dataStorage: { maximum: 1, unit: 'GB' }, ecpuPerSecond: { maximum: 1000 } },
    snapshotRetentionLimit: 0,
  });
}
