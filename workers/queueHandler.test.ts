import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { queueHandler, TryLater } from './queueHandler.ts';

function aRecord(messageId: string, body: string, receives = 1): SQSRecord {
  const attributes = {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: '0',
    SenderId: 'x',
    ApproximateFirstReceiveTimestamp: '0',
  };
  const queue = { eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:0:q', awsRegion: 'us-east-1' };
  return {
    messageId,
    receiptHandle: `handle-${messageId}`,
    body,
    attributes,
    messageAttributes: {},
    md5OfBody: '',
    ...queue,
  };
}

function anEvent(...ids: string[]): SQSEvent {
  return { Records: ids.map((id) => aRecord(id, JSON.stringify({ requestId: id }))) };
}

function recordingQueue() {
  const delays = new Map<string, number>();
  return { delays, retryIn: async (seconds: number, handle: string) => void delays.set(handle, seconds) };
}

describe('a batch', () => {
  test('loses only what failed', async () => {
    const done: string[] = [];
    const handler = queueHandler({
      concurrency: 2,
      process: async (requestId) => {
        if (requestId === 'b') throw new Error('down');
        done.push(requestId);
      },
    });
    expect(await handler(anEvent('a', 'b', 'c'))).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
    expect(done).toEqual(['a', 'c']);
  });

  test('drops a message that none of ours sent, so that it cannot come back for ever', async () => {
    const handler = queueHandler({ concurrency: 1, process: async () => expect.unreachable() });
    const Records = ['not json', '{}', '{"requestId":7}', '[]'].map((body, index) => aRecord(String(index), body));
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
  });
});

describe('a failed message', () => {
  test('waits longer with every receive, long enough in all to outlast a minute, and never more than two', async () => {
    const queue = recordingQueue();
    const handler = queueHandler({ concurrency: 1, queue, process: () => Promise.reject(new Error('down')) });
    for (const receives of [1, 2, 3, 4, 20])
      await handler({ Records: [aRecord(`${receives}`, '{"requestId":"a"}', receives)] });
    const delays = [...queue.delays.values()];
    expect(delays[0]).toBeLessThanOrEqual(5);
    expect(delays.slice(0, 4).reduce((sum, delay) => sum + delay, 0)).toBeGreaterThan(60);
    expect(Math.max(...delays)).toBeLessThanOrEqual(120);
  });

  test('comes back when its processor says so', async () => {
    const queue = recordingQueue();
    const handler = queueHandler({ concurrency: 1, queue, process: () => Promise.reject(new TryLater(17)) });
    await handler(anEvent('a'));
    expect(queue.delays.get('handle-a')).toBe(17);
  });
});
