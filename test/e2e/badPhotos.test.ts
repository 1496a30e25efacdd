import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { samplePhoto, useCloud } from '../support/cloud.ts';

const run = useCloud();

describe('a file that is no photo', () => {
  test.each([
    ['a text file named .jpg', Buffer.from('To whom it may concern'), 'UnsupportedImage', /JPEG, PNG or WebP/],
    ['a truncated JPEG', samplePhoto.slice(0, samplePhoto.length / 2), 'UnreadableImage', /damaged|not uploaded whole/],
    ['a PNG of 30,000 × 30,000 pixels', hugePng(30_000), 'ImageTooLarge', /megapixels/],
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

/** A whole one-bit image, some hundred kilobytes small. */
function hugePng(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const row = Buffer.alloc(1 + Math.ceil(side / 8));
  const data = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)), { level: 9 });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}
