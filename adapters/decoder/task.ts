import type { Size } from '../../core/heatmap.ts';
import type { Picture } from '../photo/picture.ts';

/** What becomes of a photo's bytes. */
export interface Pipeline extends Pick<Picture, 'bytes' | 'kind' | 'sixteenBit'> {
  limitInputPixels: number;
  /** Of the result. */
  input: Size;
  /** Colour that shows where the photo is transparent, e.g. `#808080`. */
  background: string;
}

export interface Task extends Pipeline {
  /** CPU time that the photo may take, of all threads together. */
  cpuMilliseconds: number;
}

export interface Decoded {
  header: { pages?: number; icc?: Buffer; photo: Size };
  /** uint8 [height, width, 3] at the input size. */
  rgb: Uint8Array;
}

/** A photo's decoding went beyond its limit, or took the decoder down. Doing it again would end the same way. */
export class DecoderLost extends Error {
  readonly why: 'tooLong' | 'crashed';

  constructor(why: 'tooLong' | 'crashed', message: string) {
    super(message);
    this.why = why;
  }
}

/** The photo cannot be decoded; the message is the decoder's. */
export class DecodingFailed extends Error {}
