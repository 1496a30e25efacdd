import type { Handover } from './handover.ts';
import type { UploadBucket } from './uploadBucket.ts';

/** cache=s3: no VPC, and nothing to pay while idle. */
export function s3Handover(bucket: UploadBucket): Handover {
  return {
    network: undefined,
    put: () => ({ HANDOVER_BUCKET_NAME: bucket.grantHandover('s3:PutObject') }),
    get: () => ({ HANDOVER_BUCKET_NAME: bucket.grantHandover('s3:GetObject', 's3:DeleteObject') }),
  };
}
