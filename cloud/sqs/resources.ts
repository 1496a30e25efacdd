import * as z from 'zod';
import type { ResourceTypes } from '../template/resourceTypes.ts';
import type { Sqs } from './startSqs.ts';

export function sqsTypes(sqs: Sqs): ResourceTypes {
  return {
    'AWS::SQS::Queue': {
      nameProperty: 'QueueName',
      async bringUp({ name, properties }) {
        // The engine refuses an attribute that it does not emulate.
        const { QueueName: _, Tags: __, ...attributes } = z.record(z.string(), z.unknown()).parse(properties());
        const queue = await sqs.createQueue({ name, attributes });
        return { ref: queue.url, Arn: queue.arn, QueueName: name };
      },
    },
  };
}
