import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, HttpMethods, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allow, type Grant } from './grant.ts';

type ObjectAction = 's3:GetObject' | 's3:PutObject' | 's3:DeleteObject';

const UPLOADS = 'uploads/';
const HANDOVER = 'handover/';

/**
 * Photos on their way to the model, and with cache=s3 the describer's input. No versions are kept: a photo that was
 * deleted has to be gone. The lifecycle is the net under the workers, which delete each photo much sooner.
 */
export class UploadBucket extends Construct {
  readonly name: string;
  private readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: false,
      // Any origin: what admits an upload is the signature in its form, and no cookie is ever sent along.
      cors: [{ allowedMethods: [HttpMethods.POST], allowedOrigins: ['*'], allowedHeaders: ['*'], maxAge: 3600 }],
      lifecycleRules: [UPLOADS, HANDOVER].map((prefix) => ({
        prefix,
        expiration: Duration.days(1),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      })),
      // It empties itself; to empty it with the stack would take a custom resource that may delete everything.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.name = this.bucket.bucketName;
  }

  /** On photos. s3:ListBucket is never among it, so a photo that is not there looks like one that is forbidden. */
  grant(...actions: ObjectAction[]): Grant {
    return this.grantUnder(UPLOADS, actions);
  }

  grantHandover(...actions: ObjectAction[]): Grant {
    return this.grantUnder(HANDOVER, actions);
  }

  private grantUnder(prefix: string, actions: ObjectAction[]): Grant {
    return { value: this.name, statements: [allow(actions, this.bucket.arnForObjects(`${prefix}*`))] };
  }
}
