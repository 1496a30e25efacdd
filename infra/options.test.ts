import { describe, expect, test } from 'vitest';
import { readOptions } from './options.ts';
import { contextWith } from './testing/testStack.ts';

const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/lesions/model:1.0.0';

test('cdk.json holds a default for every option', () => {
  expect(readOptions(contextWith({}))).toEqual({
    cache: 'redis',
    inference: 'lambda',
    model: 's3',
    apiKey: false,
    introspection: true,
    retentionDays: 30,
    submissionsPerMinute: 60,
    modelDirectory: 'models/ham10000-mobilenetv2',
    openaiModel: 'gpt-5-mini',
    inferenceMaxConcurrency: 10,
    sagemakerImage: undefined,
  });
});

test('values from the command line are text, and read like those of cdk.json', () => {
  const given = { apiKey: 'true', retentionDays: '7', sagemakerImage: IMAGE };
  expect(readOptions(contextWith(given))).toMatchObject({
    apiKey: true,
    retentionDays: 7,
    sagemakerImage: { uri: IMAGE, account: '123456789012', region: 'eu-west-1', repository: 'lesions/model' },
  });
});

describe('one line says what is wrong with', () => {
  test.each([
    [{ cache: 'memcached' }, 'Option cache is "memcached"; it takes redis or s3.'],
    [{ inference: 'batch' }, 'Option inference is "batch"; it takes lambda or sagemaker.'],
    [{ model: '' }, 'Option model is ""; it takes s3 or bundled.'],
    [{ apiKey: 'yes' }, 'Option apiKey is "yes"; it takes true or false.'],
    [{ retentionDays: '2' }, 'Option retentionDays is "2"; it takes a whole number from 3 to 3650.'],
    [{ retentionDays: '1.5' }, 'Option retentionDays is "1.5"; it takes a whole number from 3 to 3650.'],
    [{ submissionsPerMinute: '-1' }, 'Option submissionsPerMinute is "-1"; it takes a whole number from 1 to 1000.'],
    [{ inferenceMaxConcurrency: 1 }, 'Option inferenceMaxConcurrency is "1"; it takes a whole number from 2 to 200.'],
    [{ openaiModel: '' }, 'Option openaiModel is ""; it takes the name of a model, such as gpt-5-mini.'],
    [{ sagemakerImage: 'lesions:1' }, /^Option sagemakerImage is "lesions:1"; it takes an ECR image, ACCOUNT\.dkr/],
    [{ retentionDays: undefined }, 'Option retentionDays has no value: cdk.json holds the defaults.'],
    [{ cahce: 's3' }, /^There is no option "cahce"; there are cache, inference, model, /],
    [{ inference: 'sagemaker' }, /^With inference=sagemaker, option sagemakerImage must name/],
  ])('%o', (given, message) => {
    expect(() => readOptions(contextWith(given))).toThrow(
      expect.objectContaining({ name: 'SetupError', message: expect.stringMatching(message) }),
    );
  });

  test.each(['/etc', '../models/other', 'models/../../other'])(
    'a model directory outside of the repository: %s',
    (modelDirectory) => {
      expect(() => readOptions(contextWith({ modelDirectory }))).toThrow(
        /^Option modelDirectory is .* a directory inside the repository/,
      );
    },
  );
});
