import * as onnxruntime from 'onnxruntime-node';
import sharp from 'sharp';
import { type ModelManifest, viewCountOf } from '../../core/modelManifest.ts';

export interface Bare {
  decode(bytes: Buffer): Promise<Buffer>;
  /** As many runs as the model has views, one after the other. */
  run(rgb: Uint8Array): Promise<void>;
}

/** The physical limit: decode and resize, and run, with one thread each, and nothing around them. */
export async function barePipeline(modelFile: string, manifest: ModelManifest): Promise<Bare> {
  const { input } = manifest;
  const views = viewCountOf(manifest);
  const session = await onnxruntime.InferenceSession.create(modelFile, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const shape = [1, input.height, input.width, 3];
  return {
    decode: (bytes) => sharp(bytes).resize(input.width, input.height).raw().toBuffer(),
    async run(rgb) {
      const tensor = new onnxruntime.Tensor('uint8', rgb, shape);
      for (let view = 0; view < views; view++) await session.run({ [input.name]: tensor });
    },
  };
}

/**
 * The same work in the plain way that most write: sharp to raw, a loop to normalised Float32 NCHW, a session with its
 * defaults. The reference model takes uint8 NHWC, so the loop's result is made and timed but not fed: the session gets
 * the bytes. A model that took the floats would have the scaling to do that this one does inside. Of several views each
 * is a run, and the turning itself is left out.
 */
export async function plainPipeline(modelFile: string, manifest: ModelManifest) {
  const { input, classes } = manifest;
  const views = viewCountOf(manifest);
  const session = await onnxruntime.InferenceSession.create(modelFile);
  const { width, height } = input;
  return async (bytes: Buffer) => {
    const { data } = await sharp(bytes)
      .rotate()
      .resize(width, height)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const floats = new Float32Array(3 * width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < 3; channel++) {
          const value = data[(y * width + x) * 3 + channel]! / 255;
          floats[channel * width * height + y * width + x] = (value - 0.5) / 0.5;
        }
      }
    }
    const tensor = new onnxruntime.Tensor('uint8', data, [1, height, width, 3]);
    let results = await session.run({ [input.name]: tensor });
    for (let view = 1; view < views; view++) results = await session.run({ [input.name]: tensor });
    const logits = Array.from(results.logits?.data ?? [], Number);
    const exponentials = logits.map((logit) => Math.exp(logit));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    return classes.map((code, index) => ({ code, probability: exponentials[index]! / sum, floats }));
  };
}
