import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import * as z from 'zod';
import type { TableProperties } from '../dynamodb/tableStore.ts';
import { ACCESS_KEY_PREFIX, ACCOUNT, arn, REGION } from '../engine.ts';
import type { Engines } from '../engines.ts';
import type { PolicyDocument } from '../iam/iam.ts';
import type { CorsRule } from '../s3/cors.ts';
import { type Json, type Lookup, type Resource, resolve, type Template } from './template.ts';

/** `graphqlUrl`: where the API is; asked only for what is read once it is up. */
type Deployed = Pick<Engines, 'dynamoDb' | 's3' | 'sqs' | 'secretsManager' | 'cache' | 'openAi'> & {
  graphqlUrl(): string;
};

/** The template, with all that keeps data up. */
export interface Stack {
  /** The resources of a type, their properties with references resolved. */
  of<Schema extends z.ZodType<object>>(
    type: string,
    schema: Schema,
  ): (z.infer<Schema> & Named & Pick<Resource, 'metadata'>)[];
  /** What `Ref` gives, of each resource of a type. */
  ids(type: string): string[];
  /** What a resource answers to `Ref` (no attribute) and `Fn::GetAtt`. */
  get: Lookup;
  /** The file or directory of an asset. */
  asset(bucket: string, key: string): string;
  /** What `Ref` gives, by logical id. */
  physicalIds: Record<string, string>;
  /** Reasons by type. */
  leftOut: Map<string, string>;
  outputs(): Record<string, string>;
}

interface Named {
  logicalId: string;
  /** Physical name. */
  name: string;
}

/** What a resource answers to `Ref` and `Fn::GetAtt`. */
interface Answers {
  ref: string;
  [attribute: string]: string | undefined | (() => string);
}

type BringUp = (resource: Named & { properties(): Json }, engines: Deployed) => Answers | Promise<Answers>;

/** In the place of what a left-out resource would answer. */
export const LEFT_OUT_MARK = 'left-out:';

/** Types that the run knowingly does without. */
const LEFT_OUT: Record<string, string> = {
  'AWS::CloudWatch::Alarm': 'nobody is on call for a laptop',
  'AWS::CloudWatch::Dashboard': 'the logs lie in files',
  'AWS::Lambda::EventInvokeConfig': 'a run that failed is followed by the next soon enough',
  'AWS::Logs::LogGroup': 'the logs lie in files',
  'AWS::S3::BucketPolicy': 'denies plain HTTP, which is all there is within one machine',
  'AWS::SNS::Topic': 'alarms have nobody to tell',
  'AWS::SQS::QueuePolicy': 'denies plain HTTP, which is all there is within one machine',
};
const reasonToLeaveOut = (type: string) =>
  type.startsWith('AWS::EC2::') ? 'no network within one machine' : LEFT_OUT[type];

/** Properties without effect on one machine. With `z.strictObject`, any other stops the start by its name. */
export function ignore<const Name extends string>(...names: Name[]): Record<Name, z.ZodOptional<z.ZodUnknown>> {
  const ignored = names.map((name) => [name, z.unknown().optional()]);
  return Object.fromEntries(ignored);
}

const lifecycleRule = z.strictObject({
  ...ignore('Id', 'AbortIncompleteMultipartUpload'),
  Status: z.literal('Enabled'),
  Prefix: z.string().default(''),
  ExpirationInDays: z.number(),
});
const bucketProperties = z.strictObject({
  ...ignore('BucketName', 'BucketEncryption', 'OwnershipControls', 'PublicAccessBlockConfiguration', 'Tags'),
  CorsConfiguration: z.object({ CorsRules: z.array(z.custom<CorsRule>()) }).optional(),
  LifecycleConfiguration: z.object({ Rules: z.array(lifecycleRule) }).default({ Rules: [] }),
});
/** Logs and network interfaces alone, neither of which there is here. */
const MANAGED_POLICIES =
  /^arn:aws:iam::aws:policy\/service-role\/(AWSLambda(Basic|VPCAccess)ExecutionRole|AWSAppSyncPushToCloudWatchLogs)$/;
const policyDocument = { PolicyDocument: z.custom<PolicyDocument>() };
const roleProperties = z.strictObject({
  ...ignore('AssumeRolePolicyDocument', 'Description', 'RoleName', 'Tags'),
  Policies: z.array(z.object(policyDocument)).default([]),
  ManagedPolicyArns: z.array(z.string().regex(MANAGED_POLICIES, 'a managed policy that is not emulated')).optional(),
});
const policyProperties = z.strictObject({ ...ignore('PolicyName'), ...policyDocument, Roles: z.array(z.string()) });
const secretProperties = z.strictObject({ ...ignore('Name', 'Description', 'Tags'), SecretString: z.string() });

const own: BringUp = ({ logicalId }) => ({ ref: logicalId });

/** The types that are run; `own`: of which nothing is referred to but the name. */
const BRING_UP: Record<string, BringUp> = {
  async 'AWS::DynamoDB::Table'({ name, properties }, { dynamoDb }) {
    const given = z.custom<TableProperties>().parse(properties());
    const table = await dynamoDb.createTable({ ...given, TableName: name });
    return { ref: name, Arn: table.arn, StreamArn: table.streamArn };
  },
  async 'AWS::SQS::Queue'({ name, properties }, { sqs }) {
    const { QueueName: _, Tags: __, ...attributes } = z.record(z.string(), z.unknown()).parse(properties());
    const queue = await sqs.createQueue({ name, attributes });
    return { ref: queue.url, Arn: queue.arn, QueueName: name };
  },
  async 'AWS::S3::Bucket'({ name: given, properties }, { s3 }) {
    const { CorsConfiguration, LifecycleConfiguration } = bucketProperties.parse(properties());
    const expiring = LifecycleConfiguration.Rules.map((rule) => [rule.Prefix, rule.ExpirationInDays]);
    const name = given.toLowerCase();
    const lifecycleDays = Object.fromEntries(expiring);
    await s3.createBucket({ name, corsRules: CorsConfiguration?.CorsRules, lifecycleDays });
    return { ref: name, Arn: arn('s3', name) };
  },
  'AWS::SecretsManager::Secret'({ name, properties }, { secretsManager, openAi }) {
    // The template leaves empty what an operator fills in after the deployment: the key of OpenAI.
    const { SecretString } = secretProperties.parse(properties());
    return { ref: secretsManager.put(name, SecretString.replaceAll('""', JSON.stringify(openAi.apiKey))) };
  },
  async 'AWS::ElastiCache::ServerlessCache'({ name }, { cache }) {
    const { host, port } = await cache.start();
    return { ref: name, 'Endpoint.Address': host, 'Endpoint.Port': `${port}` };
  },
  // The logical id whole: it is the caller's access key.
  'AWS::IAM::Role': ({ logicalId }) => ({ ref: logicalId, Arn: `arn:aws:iam::${ACCOUNT}:role/${logicalId}` }),
  'AWS::IAM::Policy': own,
  'AWS::Lambda::Function': ({ name }) => ({ ref: name, Arn: arn('lambda', `function:${name}`) }),
  'AWS::Lambda::EventSourceMapping': own,
  'AWS::Scheduler::Schedule': own,
  'AWS::Cognito::UserPool'({ logicalId }) {
    const id = `${REGION}_${stableId(logicalId, 9)}`;
    return { ref: id, Arn: arn('cognito-idp', `userpool/${id}`) };
  },
  'AWS::Cognito::UserPoolClient': ({ logicalId }) => ({ ref: stableId(logicalId, 26) }),
  'AWS::AppSync::GraphQLApi'({ logicalId }, { graphqlUrl }) {
    const id = stableId(logicalId, 26);
    const apiArn = arn('appsync', `apis/${id}`);
    const realtimeUrl = () => `${graphqlUrl().replace('http', 'ws')}/realtime`;
    return { ref: apiArn, Arn: apiArn, ApiId: id, GraphQLUrl: graphqlUrl, RealtimeUrl: realtimeUrl };
  },
  'AWS::AppSync::GraphQLSchema': own,
  'AWS::AppSync::ApiKey'({ logicalId }) {
    const key = `da2-${stableId(logicalId, 26)}`;
    return { ref: key, ApiKey: key };
  },
  'AWS::AppSync::DataSource'({ logicalId, properties }) {
    return { ref: logicalId, Name: z.object({ Name: z.string() }).parse(properties()).Name };
  },
  'AWS::AppSync::Resolver': own,
  'AWS::SageMaker::Model': ({ name }) => ({ ref: arn('sagemaker', `model/${name}`), ModelName: name }),
  'AWS::SageMaker::EndpointConfig'({ name }) {
    return { ref: arn('sagemaker', `endpoint-config/${name}`), EndpointConfigName: name };
  },
  'AWS::SageMaker::Endpoint': ({ name }) => ({ ref: arn('sagemaker', `endpoint/${name}`), EndpointName: name }),
};

/**
 * Brings up what keeps data, in the template's order.
 * @throws on a type, a property or an intrinsic that is not emulated, with its name and the logical id
 */
export async function deploy(template: Template, engines: Deployed): Promise<Stack> {
  const answers = new Map<string, Answers>();
  const leftOut = new Map<string, string>();
  const types = new Map(template.resources.map(({ logicalId, type }) => [logicalId, type]));
  const named = (logicalId: string) => ({ logicalId, name: physicalName(logicalId, types) });

  function lookup(logicalId: string, attribute = 'ref'): string {
    const value = answers.get(logicalId)?.[attribute];
    if (value !== undefined) return typeof value === 'function' ? value() : value;
    const type = types.get(logicalId) ?? 'which is not in the template';
    if (reasonToLeaveOut(type)) return `${LEFT_OUT_MARK}${logicalId}.${attribute}`;
    throw new Error(`${attribute} of ${logicalId} (${type}) is not emulated`);
  }
  const resolved = (value: Json) => resolve(value, lookup, template);

  for (const { bucket, key, path } of template.assets.filter(({ path }) => statSync(path).isFile())) {
    await engines.s3.createBucket({ name: bucket });
    await engines.s3.putFile(bucket, key, path);
  }
  for (const { logicalId, type, properties } of template.resources) {
    const reason = reasonToLeaveOut(type);
    const bringUp = BRING_UP[type];
    if (reason) leftOut.set(type, reason);
    else if (!bringUp) throw new Error(`${logicalId}: ${type} is not emulated`);
    else
      try {
        answers.set(logicalId, await bringUp({ ...named(logicalId), properties: () => resolved(properties) }, engines));
      } catch (cause) {
        throw about(logicalId, type, cause);
      }
  }
  return {
    of<Schema extends z.ZodType<object>>(type: string, schema: Schema) {
      const alike = template.resources.filter((resource) => resource.type === type);
      return alike.map(({ logicalId, properties, metadata }) => {
        const parsed = schema.safeParse(resolved(properties));
        if (!parsed.success) throw about(logicalId, type, parsed.error);
        return { ...parsed.data, ...named(logicalId), metadata };
      });
    },
    ids: (type) => [...types].flatMap(([logicalId, other]) => (other === type ? lookup(logicalId) : [])),
    get: lookup,
    asset(bucket, key) {
      const asset = template.assets.find((asset) => asset.bucket === bucket && asset.key === key);
      if (!asset) throw new Error(`The assembly holds no asset for s3://${bucket}/${key}`);
      return asset.path;
    },
    physicalIds: Object.fromEntries([...answers].map(([logicalId, { ref }]) => [logicalId, ref])),
    leftOut,
    outputs() {
      const all = Object.entries(z.record(z.string(), z.coerce.string()).parse(resolved(template.outputs)));
      return Object.fromEntries(all.filter(([, value]) => !value.includes(LEFT_OUT_MARK)));
    },
  };
}

/** By access key. */
export function policiesOf(stack: Stack): Map<string, PolicyDocument[]> {
  const roles = stack.of('AWS::IAM::Role', roleProperties);
  const policies = stack.of('AWS::IAM::Policy', policyProperties);
  return new Map(
    roles.map(({ logicalId, Policies }) => [
      `${ACCESS_KEY_PREFIX}${logicalId}`,
      [...Policies, ...policies.filter(({ Roles }) => Roles.includes(logicalId))].map(
        ({ PolicyDocument }) => PolicyDocument,
      ),
    ]),
  );
}

export function accessKeyOf(roleArn: string): string {
  return `${ACCESS_KEY_PREFIX}${roleArn.split('/').at(-1)}`;
}

/** An error that says which resource it is about. */
function about(logicalId: string, type: string, cause: unknown): Error {
  const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
  return new Error(`${logicalId} (${type}): ${reason}`, { cause });
}

/** The logical id without the hash CDK ends it in, where that is enough to tell it from others of its type. */
function physicalName(logicalId: string, types: Map<string, string>): string {
  const short = (id: string) => id.replace(/(Function)?[0-9A-F]{8}$/, '');
  const alike = [...types].filter(([id, type]) => short(id) === short(logicalId) && type === types.get(logicalId));
  return alike.length === 1 ? short(logicalId) : logicalId;
}

/** The same at every start, in the place of an id that AWS draws. */
function stableId(logicalId: string, length: number): string {
  return createHash('sha256').update(logicalId).digest('hex').slice(0, length);
}
