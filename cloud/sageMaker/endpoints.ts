import * as z from 'zod';
import { arn } from '../engine.ts';
import { accessKeyOf, ignore, type Stack } from '../template/resources.ts';

const modelDataUrl = z.string('only a model in an archive (model=s3) can be run, and not one inside the image');
const modelProperties = z.strictObject({
  ExecutionRoleArn: z.string(),
  PrimaryContainer: z.strictObject({ ...ignore('Image'), ModelDataUrl: modelDataUrl }),
});
const serverless = z.strictObject({ ...ignore('MemorySizeInMB'), MaxConcurrency: z.number() });
const variant = { VariantName: z.string(), ModelName: z.string(), ServerlessConfig: serverless };
const variants = z.tuple([z.strictObject({ ...ignore('InitialVariantWeight'), ...variant })]);
const configProperties = z.strictObject({ ProductionVariants: variants });
const endpointProperties = z.strictObject({ EndpointConfigName: z.string() });

/** A serverless endpoint of the template. */
export interface Endpoint {
  name: string;
  maxConcurrency: number;
  /** The file that the image runs, relative to the repository. */
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
