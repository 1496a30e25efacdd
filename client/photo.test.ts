import { describe, expect, test } from 'vitest';
import { limits } from './generated/contract.ts';
import { contentTypeOf } from './generated/photo/recognise.ts';
import { preparePhoto } from './photo.ts';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe('the content type', () => {
  test.each([
    ['image/jpeg', '\xff\xd8\xff\xe0'],
    ['image/png', '\x89PNG\r\n\x1a\n'],
    ['image/webp', 'RIFF\x01\x02\x03\x04WEBP'],
    [undefined, 'RIFF\x01\x02\x03\x04WAVE'],
    [undefined, 'GIF89a'],
    [undefined, '\xff\xd8'],
    [undefined, ''],
  ])('is %s by the first bytes', (type, text) => {
    expect(contentTypeOf(bytes(text))).toBe(type);
  });

  test('is not what a Blob says of itself', async () => {
    const blob = new Blob([bytes('\xff\xd8\xff\xe0')], { type: 'image/png' });
    expect((await preparePhoto(blob)).type).toBe('image/jpeg');
  });

  test('is what the caller says, where he says it', async () => {
    expect((await preparePhoto(bytes('text'), 'image/jpeg')).type).toBe('image/jpeg');
  });
});

test.each([
  ['UnsupportedImage', new Uint8Array(0)],
  ['UnsupportedImage', bytes('hello')],
  ['ImageTooLarge', new Uint8Array(limits.maximumBytes + 1)],
])('refuses with %s what the server would refuse', async (code, photo) => {
  await expect(preparePhoto(photo)).rejects.toMatchObject({ code });
});

test('takes a photo of just the allowed size', async () => {
  const photo = new Uint8Array(limits.maximumBytes);
  photo.set([0xff, 0xd8, 0xff]);
  expect((await preparePhoto(photo)).size).toBe(limits.maximumBytes);
});
