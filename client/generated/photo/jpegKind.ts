// Generated from schema.graphql by `npm run codegen`. Do not edit.
import { view } from './bytes.ts';
import { type Format, formats, jpegOf } from './formats.ts';

/** From segment to segment up to the frame header, which names the kind (ITU-T T.81, table B.1; T.87 for JPEG-LS). */
export function refusedJpeg(head: Uint8Array): Format | undefined {
  for (let at = 2; at + 10 <= head.length && head[at] === 0xff; ) {
    const marker = head[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xf7) return formats.jpegLs;
    if (startsFrame(marker)) return refusedFrame(marker, head[at + 4]!, view(head).getUint16(at + 5));
    // The picture's data, or the end: whatever this is, it has no frame before it.
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + view(head).getUint16(at + 2);
  }
  return undefined;
}

function refusedFrame(marker: number, bits: number, height: number): Format | undefined {
  if (marker === 0xc3 || marker === 0xcb) return jpegOf('without loss (an old kind)');
  if (![0xc0, 0xc1, 0xc2, 0xc9, 0xca].includes(marker)) return jpegOf('in several sizes (hierarchical)');
  if (bits !== 8) return jpegOf(`with ${bits} bits per colour`);
  return height === 0 ? jpegOf('that tells its height only at its end') : undefined;
}

/** SOF0 to SOF15, without those of the same range that are tables (DHT, JPG, DAC). */
export function startsFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}
