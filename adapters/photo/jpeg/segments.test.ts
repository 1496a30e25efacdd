import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { segmentsOf } from './segments.ts';

const jpeg = readFileSync(new URL('../../testing/jpegs/restarts.jpg', import.meta.url));
const [frame, scan] = [0xc0, 0xda].map((marker) => at(marker));
const unsupported = expect.objectContaining({ type: 'UnsupportedImage' });

/** Where a marker's 0xff stands. */
function at(marker: number): number {
  let position = 2;
  while (jpeg[position + 1] !== marker) position += 2 + jpeg.readUInt16BE(position + 2);
  return position;
}

function withBytes(position: number, ...bytes: number[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, position), Buffer.from(bytes), jpeg.subarray(position)]);
}

test('a picture ends with its own end, whatever stands behind it', () => {
  const { segments, end, hasEnd } = segmentsOf(Buffer.concat([jpeg, jpeg]));
  expect({ end, hasEnd }).toEqual({ end: jpeg.length, hasEnd: true });
  expect(segments.filter(({ entropy }) => entropy)).toHaveLength(1);
});

describe('what cannot be accounted for is refused', () => {
  test.each([
    ['a byte between two segments', withBytes(scan!, 7)],
    ['a marker that stands alone, in the data', withBytes(jpeg.length - 100, 0xff, 0x01)],
    ['a reserved marker in the data', withBytes(jpeg.length - 100, 0xff, 0x50)],
    ['a second frame', Buffer.concat([jpeg.subarray(0, scan), jpeg.subarray(frame)])],
    ['a frame behind a scan', Buffer.concat([jpeg.subarray(0, -2), jpeg.subarray(frame)])],
    ['a height told at the end', withBytes(jpeg.length - 2, 0xff, 0xdc, 0, 4, 0, 121)],
    ['a restart between segments', withBytes(scan!, 0xff, 0xd0)],
  ])('%s', (_, bytes) => expect(() => segmentsOf(bytes)).toThrow(unsupported));
});

test('a segment longer than the file, noise or a scan before the frame are damage', () => {
  const damage = expect.objectContaining({ type: 'UnreadableImage' });
  expect(() => segmentsOf(withBytes(frame!, 7))).toThrow(damage);
  expect(() => segmentsOf(jpeg.subarray(0, frame! + 6))).toThrow(damage);
  expect(() => segmentsOf(Buffer.concat([jpeg.subarray(0, 2), jpeg.subarray(scan)]))).toThrow(damage);
});
