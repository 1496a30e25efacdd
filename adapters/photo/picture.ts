import { LesionError } from '../../core/errors.ts';

/** A photo as its own header tells it, ready for the decoder. */
export interface Picture {
  /** The kind of file, as people are told it. */
  kind: string;
  /** What the decoder is given: the picture alone. */
  bytes: Buffer;
  /** Pixels, as stored. */
  width: number;
  height: number;
  /** What the decoder may hold at once, or at least goes through, for each pixel; 0 where it shrinks as it reads. */
  bytesPerPixel: number;
  /** Looks at all of the data without making pixels of it. @throws LesionError UnreadableImage where they are damaged */
  assertWhole?(): void;
  /** Set where a sample has 16 bits: the colour space, of 8 bits, that the picture is brought to first. */
  sixteenBit?: 'b-w' | 'srgb';
}

export function unreadable(cause?: unknown): LesionError {
  const message = 'The photo is damaged or was not uploaded whole. Take or export it again, then upload that.';
  return new LesionError('UnreadableImage', message, { cause });
}

/** More light than a screen of the common kind shows: made to fit, it would be another photo. */
export function hdrRefused(): LesionError {
  const message = 'This is an HDR picture (PQ or HLG), whose colours would be wrong here. Export it as SDR, in sRGB.';
  return new LesionError('UnsupportedImage', message);
}
