import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { boundedClient } from '../awsClient.ts';
import { log } from '../log.ts';
import type { HandoverStore } from './handover.ts';
import { handoverKey, parseHandover } from './handover.ts';

/**
 * The hand-over in S3: slower, but nothing to pay while idle. What is left behind goes by the bucket's
 * lifecycle.
 */
export function createS3Handover(bucketName: string): HandoverStore {
  const client = new S3Client(boundedClient);
  return {
    async put(requestId, handover) {
      try {
        const Body = JSON.stringify(handover);
        await client.send(new PutObjectCommand({ Bucket: bucketName, Key: handoverKey(requestId), Body }));
      } catch (error) {
        log.warn('hand-over not stored, going on without', { requestId, error });
      }
    },
    async get(requestId) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucketName, Key: handoverKey(requestId) }));
        return parseHandover(await Body?.transformToString(), requestId);
      } catch (error) {
        log.warn('hand-over not found, going on without', { requestId, error });
        return undefined;
      }
    },
    async remove(requestId) {
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucketName, Key: handoverKey(requestId) }));
      } catch (error) {
        log.warn('hand-over left to the lifecycle of its bucket', { requestId, error });
      }
    },
  };
}
