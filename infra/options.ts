import { SetupError } from './setupError.ts';

/** What a deployment chooses, from CDK context: the defaults stand in cdk.json, `-c name=value` overrides one. */
export interface Options {
  /** Where the describer's input waits for the enrichment worker. */
  cache: 'redis' | 's3';
  /** Where the model runs. */
  inference: 'lambda' | 'sagemaker';
  /** Whether the model is fetched from S3 or comes with the code that runs it. */
  model: 's3' | 'bundled';
  apiKey: boolean;
  introspection: boolean;
  /** Days until a request and its result are erased. */
  retentionDays: number;
  /** Per owner. */
  submissionsPerMinute: number;
  /** Relative to the repository's root. */
  modelDirectory: string;
  openaiModel: string;
  /** How many inference workers at once, and as many concurrent calls of a SageMaker endpoint. */
  inferenceMaxConcurrency: number;
  /** Only with `inference=sagemaker`: the container image, in ECR. */
  sagemakerImage: EcrImage | undefined;
}

export interface EcrImage {
  uri: string;
  account: string;
  region: string;
  repository: string;
}

type Read<T> = (name: string, given: string) => T;

const READERS: { [Name in keyof Options]: Read<Options[Name]> } = {
  cache: oneOf('redis', 's3'),
  inference: oneOf('lambda', 'sagemaker'),
  model: oneOf('s3', 'bundled'),
  apiKey: yesOrNo,
  introspection: yesOrNo,
  // A request may be open for a day, and its photo kept for another: by then it must not have expired.
  retentionDays: wholeNumber(3, 3650),
  // An item of DynamoDB names each.
  submissionsPerMinute: wholeNumber(1, 1000),
  modelDirectory: matching(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'a directory inside the repository, such as models/my-model'),
  openaiModel: matching(/^[\w.:-]+$/, 'the name of a model, such as gpt-5-mini'),
  // The least and the most that an SQS event source can be held to is 2 and 1,000; that SageMaker takes is 200.
  inferenceMaxConcurrency: wholeNumber(2, 200),
  sagemakerImage: ecrImage,
};

/**
 * Strict: a misspelt name or value stops the synthesis.
 *
 * @param context the app's whole context; keys of the CDK itself, which are not plain words, are passed over
 * @throws SetupError
 */
export function readOptions(context: Record<string, unknown>): Options {
  const unknown = Object.keys(context).find((key) => /^[a-zA-Z]+$/.test(key) && !Object.hasOwn(READERS, key));
  if (unknown) throw new SetupError(`There is no option "${unknown}"; there are ${Object.keys(READERS).join(', ')}.`);
  const read = <Name extends keyof Options>(name: Name) => READERS[name](name, given(context, name));
  const options: Options = {
    cache: read('cache'),
    inference: read('inference'),
    model: read('model'),
    apiKey: read('apiKey'),
    introspection: read('introspection'),
    retentionDays: read('retentionDays'),
    submissionsPerMinute: read('submissionsPerMinute'),
    modelDirectory: read('modelDirectory'),
    openaiModel: read('openaiModel'),
    inferenceMaxConcurrency: read('inferenceMaxConcurrency'),
    sagemakerImage: read('sagemakerImage'),
  };
  if (options.inference === 'sagemaker' && !options.sagemakerImage) {
    throw new SetupError('With inference=sagemaker, option sagemakerImage must name the container image in ECR.');
  }
  return options;
}

/** Values come as text from the command line and as JSON from cdk.json. */
function given(context: Record<string, unknown>, name: string): string {
  const value = context[name];
  if (value === undefined || value === null) {
    throw new SetupError(`Option ${name} has no value: cdk.json holds the defaults.`);
  }
  return String(value);
}

function refuse(name: string, value: string, takes: string): never {
  throw new SetupError(`Option ${name} is "${value}"; it takes ${takes}.`);
}

function oneOf<const Value extends string>(...values: Value[]): Read<Value> {
  return (name, given) => values.find((value) => value === given) ?? refuse(name, given, values.join(' or '));
}

function yesOrNo(name: string, given: string): boolean {
  return oneOf('true', 'false')(name, given) === 'true';
}

function wholeNumber(least: number, most: number): Read<number> {
  return (name, given) => {
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    return value >= least && value <= most ? value : refuse(name, given, `a whole number from ${least} to ${most}`);
  };
}

function matching(pattern: RegExp, takes: string): Read<string> {
  return (name, given) => (pattern.test(given) ? given : refuse(name, given, takes));
}

function ecrImage(name: string, given: string): EcrImage | undefined {
  if (given === '') return undefined;
  const parts = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([\w./-]+?)(?::[\w.-]+|@sha256:[0-9a-f]{64})$/.exec(
    given,
  );
  const [uri, account, region, repository] = parts ?? [];
  if (uri && account && region && repository) return { uri, account, region, repository };
  return refuse(name, given, 'an ECR image, ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG');
}
