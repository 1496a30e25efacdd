import * as z from 'zod';
import { arn } from '../engine.ts';
import { accessKeyOf } from '../iam/resources.ts';
import { ignore } from '../template/properties.ts';
import type { ResourceTypes } from '../template/resourceTypes.ts';
import type { Stack } from '../template/stack.ts';

const modelDataUrl = z.string('only a model in an archive can be run, and not one inside the image');
const modelProperties = z.strictObject({
  ...ignore('ModelName'),
  ExecutionRoleArn: z.string(),
  PrimaryContainer: z.strictObject({ ...ignore('Image'), ModelDataUrl: modelDataUrl }),
});
const serverless = z.strictObject({ ...ignore('MemorySizeInMB'), MaxConcurrency: z.number() });
const variant = { VariantName: z.string(), ModelName: z.string(), ServerlessConfig: serverless };
const variants = z.tuple([z.strictObject({ ...ignore('InitialVariantWeight'), ...variant })]);
const configProperties = z.strictObject({ ...ignore('EndpointConfigName'), ProductionVariants: variants });
const endpointProperties = z.strictObject({ ...ignore('EndpointName'), EndpointConfigName: z.string() });

export const sageMakerTypes: ResourceTypes = {
  'AWS::SageMaker::Model': {
    nameProperty: 'ModelName',
    bringUp: ({ name }) => ({ ref: arn('sagemaker', `model/${name}`), ModelName: name }),
  },
  'AWS::SageMaker::EndpointConfig': {
    nameProperty: 'EndpointConfigName',
    bringUp: ({ name }) => ({ ref: arn('sagemaker', `endpoint-config/${name}`), EndpointConfigName: name }),
  },
  'AWS::SageMaker::Endpoint': {
    nameProperty: 'EndpointName',
    bringUp: ({ name }) => ({ ref: arn('sagemaker', `endpoint/${name}`), EndpointName: name }),
  },
};

/** A serverless endpoint of the template. */
export interface Endpoint {
  name: string;
  maxConcurrency: number;
  /** The file that the image runs, relative to the app's directory. */
  entrypoint: string;
  /** The model's gzipped tar: the file, and what SageMaker reads as whom. */
  archive: { path: string; arn: string; accessKeyId: string };
}

export function endpointsOf(stack: Stack): Endpoint[] {
  const models = stack.of('AWS::SageMaker::Model', modelProperties);
  const configs = stack.of('AWS::SageMaker::EndpointConfig', configProperties);
  return stack.of('AWS::SageMaker::Endpoint', endpointProperties).map(({ name, EndpointConfigName }) => {
    const variant = configs.find((config) => config.name === EndpointConfigName)?.ProductionVariants[0];
    const model = models.find((model) => model.name === variant?.ModelName);
    if (!variant || !model) throw new Error(`${name}: the template has no ${variant?.ModelName ?? EndpointConfigName}`);
    const { Entrypoint: entrypoint } = model.metadata;
    if (typeof entrypoint !== 'string')
      throw new Error(`${model.logicalId}: no Metadata.Entrypoint says what its image runs`);
    const [, object = '', bucket = '', key = ''] =
      /^s3:\/\/(([^/]+)\/(.+))$/.exec(model.PrimaryContainer.ModelDataUrl) ?? [];
    const accessKeyId = accessKeyOf(model.ExecutionRoleArn);
    const archive = { path: stack.asset(bucket, key), arn: arn('s3', object), accessKeyId };
    return { name, maxConcurrency: variant.ServerlessConfig.MaxConcurrency, entrypoint, archive };
  });
}
