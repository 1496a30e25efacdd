import { AssetHashType } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { ModelDirectory } from '../../models/modelDirectory.ts';
import { allow, type Grant, setting } from './grant.ts';

/** Where the inference worker finds its model: variables and permissions. None: beside its code. */
export type ModelAccess = Record<string, Grant>;

/** model=s3: an asset named by what is in it. Deploying another model, or the one before, is a deployment like any. */
export function modelInS3(scope: Construct, id: string, { manifest, modelFile }: ModelDirectory): ModelAccess {
  const asset = new Asset(scope, id, {
    path: modelFile,
    assetHash: manifest.sha256,
    assetHashType: AssetHashType.CUSTOM,
  });
  const object = asset.bucket.arnForObjects(asset.s3ObjectKey);
  return {
    MODEL_BUCKET_NAME: { value: asset.s3BucketName, statements: [allow(['s3:GetObject'], object)] },
    MODEL_KEY: setting(asset.s3ObjectKey),
  };
}
