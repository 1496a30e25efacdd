import { describe, expect, test } from 'vitest';
import { png } from '../../adapters/testing/pictures.ts';
import { samplePhoto, useCloud } from '../support/cloud.ts';

const run = useCloud();

describe('a file that is no photo', () => {
  test.each([
    ['a text file named .jpg', Buffer.from('To whom it may concern'), 'UnsupportedImage', /JPEG, PNG or WebP/],
    ['a truncated JPEG', samplePhoto.slice(0, samplePhoto.length / 2), 'UnreadableImage', /damaged|not uploaded whole/],
    ['a PNG of 30,000 × 30,000 pixels', png(30_000, 30_000, { bitDepth: 1 }), 'ImageTooLarge', /megapixels/],
  ])('%s is FAILED with a code and what to do, and the next photo is served', async (_, bytes, code, message) => {
    const client = run.clientOf('alice');
    const [bad, good] = await Promise.all([
      client.classify(new Uint8Array(bytes), { contentType: 'image/jpeg' }),
      client.classify(samplePhoto),
    ]);
    expect(bad).toMatchObject({ status: 'FAILED', predictions: [], error: { code, retryable: false } });
    expect(bad.error?.message).toMatch(message);
    expect(good.status).toBe('COMPLETED');
    await expect(client.retry(bad.requestId)).rejects.toMatchObject({ code: 'Conflict' });
  });
});
