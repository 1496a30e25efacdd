import { AssetHashType, Stack } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnEndpoint, CfnEndpointConfig, CfnModel } from 'aws-cdk-lib/aws-sagemaker';
import { Construct } from 'constructs';
import type { EcrImage } from '../options.ts';
import { allow } from './grant.ts';
import type { ModelAccess } from './model.ts';

interface SageMakerEndpointProps {
  image: EcrImage;
  /** Path of the model's gzipped tar; undefined: the image holds the model. */
  archive: string | undefined;
  maxConcurrency: number;
}

/** Serverless: 3 GB come with the two vCPUs that the function would have had. */
const MEMORY_MB = 3072;

/** inference=sagemaker: the model behind a SageMaker Serverless Inference endpoint. */
export class SageMakerEndpoint extends Construct {
  readonly access: ModelAccess;

  constructor(scope: Construct, id: string, { image, archive, maxConcurrency }: SageMakerEndpointProps) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('sagemaker.amazonaws.com') });
    for (const statement of [...imageReading(this, image), ...logWriting(this)]) role.addToPolicy(statement);
    const data = archive && new Asset(this, 'Archive', { path: archive, assetHashType: AssetHashType.SOURCE });
    if (data) role.addToPolicy(allow(['s3:GetObject'], data.bucket.arnForObjects(data.s3ObjectKey)));
    const model = new CfnModel(this, 'Model', {
      executionRoleArn: role.roleArn,
      primaryContainer: { image: image.uri, ...(data && { modelDataUrl: data.s3ObjectUrl }) },
    });
    // The embedded run has no Docker: it runs, as it is, the file that the image's Dockerfile bundles.
    model.addMetadata('Entrypoint', 'workers/inference/sagemaker/server.ts');
    // SageMaker reads image and archive while the model is made.
    model.node.addDependency(role);
    const config = new CfnEndpointConfig(this, 'Config', {
      productionVariants: [
        {
          variantName: 'model',
          modelName: model.attrModelName,
          initialVariantWeight: 1,
          serverlessConfig: { memorySizeInMb: MEMORY_MB, maxConcurrency },
        },
      ],
    });
    const endpoint = new CfnEndpoint(this, 'Endpoint', { endpointConfigName: config.attrEndpointConfigName });
    this.access = {
      SAGEMAKER_ENDPOINT_NAME: {
        value: endpoint.attrEndpointName,
        statements: [allow(['sagemaker:InvokeEndpoint'], endpoint.ref)],
      },
    };
  }
}

/** Logging in to the registry is an action without a resource; reading is on this one repository. */
function imageReading(scope: Construct, { account, region, repository }: EcrImage): PolicyStatement[] {
  const { partition } = Stack.of(scope);
  return [
    allow(['ecr:GetAuthorizationToken'], '*'),
    allow(
      ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
      `arn:${partition}:ecr:${region}:${account}:repository/${repository}`,
    ),
  ];
}

/** SageMaker names the group after the endpoint, whose name is not known before. */
function logWriting(scope: Construct): PolicyStatement[] {
  const { partition, region, account } = Stack.of(scope);
  const groups = `arn:${partition}:logs:${region}:${account}:log-group:/aws/sagemaker/Endpoints/*`;
  return [allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], groups)];
}
