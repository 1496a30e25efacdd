import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Product } from '../../local/product.ts';
import { admin } from './admin.ts';

/** One receive is enough for a message of this queue: the second one is the dead-letter function's. */
export async function giveUpAfterOneReceive(cloud: Product, queue: 'Inference' | 'Enrichment'): Promise<void> {
  const { sqs } = admin(cloud);
  const QueueUrl = cloud.outputs[`${queue}QueueUrl`];
  const name = Object.keys(cloud.resources).find((id) => id.startsWith(`${queue}QueueDeadLetters`)) ?? '';
  const deadLetters = String(cloud.resources[name]).split('/').slice(-2).join(':');
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:${deadLetters}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
  sqs.destroy();
}
