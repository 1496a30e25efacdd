import * as z from 'zod';
import { arn } from '../engine.ts';
import { ignore } from '../template/properties.ts';
import type { ResourceTypes } from '../template/resourceTypes.ts';
import type { CorsRule } from './cors.ts';
import type { S3 } from './startS3.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const lifecycleRule = z.strictObject({
  ...ignore('Id', 'AbortIncompleteMultipartUpload'),
  Status: z.literal('Enabled'),
  Prefix: z.string().default(''),
  ExpirationInDays: z.number(),
});
const bucketProperties = z.strictObject({
  ...ignore('BucketEncryption', 'OwnershipControls', 'PublicAccessBlockConfiguration', 'Tags'),
  BucketName: z.string().regex(BUCKET_NAME, 'is no name that S3 takes').optional(),
  CorsConfiguration: z.object({ CorsRules: z.array(z.custom<CorsRule>()) }).optional(),
  LifecycleConfiguration: z.object({ Rules: z.array(lifecycleRule) }).default({ Rules: [] }),
});

export function s3Types(s3: S3): ResourceTypes {
  return {
    'AWS::S3::Bucket': {
      nameProperty: 'BucketName',
      async bringUp({ name: given, properties }) {
        const { CorsConfiguration, LifecycleConfiguration } = bucketProperties.parse(properties());
        const expiring = LifecycleConfiguration.Rules.map((rule) => [rule.Prefix, rule.ExpirationInDays]);
        const name = given.toLowerCase();
        const lifecycleDays = Object.fromEntries(expiring);
        await s3.createBucket({ name, corsRules: CorsConfiguration?.CorsRules, lifecycleDays });
        return { ref: name, Arn: arn('s3', name) };
      },
    },
  };
}
