import { expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { contentTypeOf } from './recognise.ts';

type ContentType = (typeof limits.contentTypes)[number];

const firstBytes: Record<ContentType, string> = {
  'image/jpeg': '\xff\xd8\xff\xe0',
  'image/png': '\x89PNG\r\n\x1a\n',
  'image/webp': 'RIFF\0\0\0\0WEBP',
};

test.each(limits.contentTypes)(
  'a photo of the type %s, which createUpload takes, is known by its first bytes',
  (type) => {
    expect(contentTypeOf(Buffer.from(firstBytes[type], 'latin1'))).toBe(type);
  },
);
