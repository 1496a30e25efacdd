import { describe, expect, test } from 'vitest';
import { limits } from '../generated/contract.ts';
import { refusalOf } from '../generated/photo/recognise.ts';
import { preparePhoto } from './photo.ts';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe('the content type', () => {
  test('is not what a Blob says of itself', async () => {
    const blob = new Blob([bytes('\xff\xd8\xff\xe0')], { type: 'image/png' });
    expect((await preparePhoto(blob)).type).toBe('image/jpeg');
  });

  test('is what the caller says, where he says it', async () => {
    expect((await preparePhoto(bytes('text'), 'image/png')).type).toBe('image/png');
    expect((await preparePhoto(bytes('text'), 'image/jpg')).type).toBe('image/jpeg');
  });
});

test.each([
  ['UnsupportedImage', new Uint8Array(0)],
  ['UnsupportedImage', bytes('hello')],
  ['ImageTooLarge', new Uint8Array(limits.maximumBytes + 1)],
])('refuses with %s what the server would refuse', async (code, photo) => {
  await expect(preparePhoto(photo)).rejects.toMatchObject({ code });
});

test('tells programs what the server would tell them', async () => {
  const tooLarge = preparePhoto(new Uint8Array(limits.maximumBytes + 1));
  await expect(tooLarge).rejects.toMatchObject({ info: { retryable: false, maximumBytes: limits.maximumBytes } });
  const { contentTypes } = limits;
  await expect(preparePhoto(bytes('hello'))).rejects.toMatchObject({ info: { retryable: false, contentTypes } });
});

describe('a HEIC picture is refused in the words of the server, whatever else it is called', () => {
  const heic = bytes('\0\0\0\x18ftypheic\0\0\0\0mif1heic');

  test.each([
    ['as bytes', heic],
    ['as a Blob that says it is a JPEG', new Blob([heic], { type: 'image/jpeg' })],
    ['also where it is too large besides', new Blob([heic, new Uint8Array(limits.maximumBytes)])],
  ])('%s', async (_, photo) => {
    const message = expect.stringMatching(/^This is a HEIC picture\. .*Settings › Camera › Formats › Most Compatible/);
    await expect(preparePhoto(photo)).rejects.toMatchObject({ code: 'UnsupportedImage', message });
    await expect(preparePhoto(photo)).rejects.toMatchObject({ message: refusalOf(heic) });
  });
});

test('finds a kind of JPEG that is not taken behind long metadata', async () => {
  const metadata = [new Uint8Array([0xff, 0xe2, 0xff, 0xff]), new Uint8Array(0xffff - 2)] as const;
  const frame = new Uint8Array([0xff, 0xc1, 0, 17, 12, 1, 194, 2, 88, 3, 1, 34, 0, 2, 17, 1, 3, 17, 1]);
  const photo = new Blob([bytes('\xff\xd8'), ...metadata, ...metadata, ...metadata, frame]);
  await expect(preparePhoto(photo)).rejects.toMatchObject({ message: expect.stringMatching(/12 bits per colour/) });
});

test('takes a photo of just the allowed size', async () => {
  const photo = new Uint8Array(limits.maximumBytes);
  photo.set([0xff, 0xd8, 0xff]);
  expect((await preparePhoto(photo)).size).toBe(limits.maximumBytes);
});
