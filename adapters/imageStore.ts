import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { LesionError } from '../core/errors.ts';
import type { PinnedImage } from '../core/request.ts';
import { boundedClient, httpStatusOf } from './awsClient.ts';

export type ImageStore = ReturnType<typeof createImageStore>;

/** Photos in S3, from upload to the end of their request. */
export function createImageStore(bucketName: string) {
  // A checksum in the signature would have to be known before the photo is.
  const client = new S3Client({ ...boundedClient, requestChecksumCalculation: 'WHEN_REQUIRED' });

  /** A POST, since unlike a presigned PUT it holds the sender to type and size. */
  async function presignUpload(key: string, contentType: string, contentLength: number, seconds: number) {
    return await createPresignedPost(client, {
      Bucket: bucketName,
      Key: key,
      Expires: seconds,
      // Each field is a condition too.
      Fields: { 'Content-Type': contentType },
      Conditions: [['content-length-range', contentLength, contentLength]],
    });
  }

  /**
   * S3 tells a caller without s3:ListBucket, as ours is, "forbidden" of an object that is not there.
   * @throws LesionError ImageNotFound
   */
  async function pin(key: string): Promise<PinnedImage> {
    try {
      const head = await client.send(new HeadObjectCommand({ Bucket: bucketName, Key: key }));
      return { key, etag: head.ETag ?? '', bytes: head.ContentLength ?? 0 };
    } catch (error) {
      throw httpStatusOf(error) === 403 ? imageNotFound(error) : imageError(error);
    }
  }

  /**
   * That a photo which was there is forbidden now may be due to a role or policy gone wrong: no reason to give it up.
   * @throws LesionError ImageNotFound, or ImageChanged if it is not the photo that was submitted
   */
  async function get(image: PinnedImage): Promise<Uint8Array> {
    try {
      const command = new GetObjectCommand({ Bucket: bucketName, Key: image.key, IfMatch: image.etag });
      const { Body } = await client.send(command);
      if (!Body) throw new Error('S3 sent no body');
      return await Body.transformToByteArray();
    } catch (error) {
      throw imageError(error);
    }
  }

  /** Deleting what is gone is no error, to S3 either. */
  async function remove(key: string): Promise<void> {
    await client.send(new DeleteObjectCommand({ Bucket: bucketName, Key: key }));
  }

  return { presignUpload, pin, get, remove };
}

function imageError(error: unknown): unknown {
  // The status must do: S3 gives HEAD no error code.
  switch (httpStatusOf(error)) {
    case 404:
      return imageNotFound(error);
    case 412:
      return new LesionError(
        'ImageChanged',
        'The photo was replaced after it was submitted. Upload it again and submit the new imageKey.',
        { cause: error },
      );
    default:
      return error;
  }
}

function imageNotFound(cause: unknown): LesionError {
  return new LesionError('ImageNotFound', 'There is no such photo. Upload it, then submit its imageKey.', { cause });
}
