import { type Picture, unreadable } from './picture.ts';

/**
 * The size that a WebP tells in its first chunk (RFC 9649, 2.5 to 2.7).
 *
 * @throws LesionError UnreadableImage
 */
export function readWebp(bytes: Buffer): Picture {
  if (bytes.length < 30) throw unreadable();
  const kind = bytes.toString('latin1', 12, 16);
  const size = sizes[kind]?.(bytes.subarray(20));
  if (!size) throw unreadable();
  return { kind: 'WebP', bytes, ...size, bytesPerPixel: 8 };
}

type Size = { width: number; height: number };

const sizes: Record<string, ((content: Buffer) => Size) | undefined> = {
  'VP8 ': (content) => ({ width: content.readUInt16LE(6) & 0x3fff, height: content.readUInt16LE(8) & 0x3fff }),
  VP8L: (content) => {
    const bits = content.readUInt32LE(1);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  },
  VP8X: (content) => ({ width: 1 + content.readUIntLE(4, 3), height: 1 + content.readUIntLE(7, 3) }),
};
