import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelManifest } from '../../core/modelManifest.ts';
import { assertFinite, type ModelOutput, type ModelRunner } from './modelRunner.ts';

/**
 * Loads the model once. One thread: on the two vCPUs of the function the second core decodes the next photo.
 *
 * @param modelFile path of the ONNX file
 * @throws Error if the file is no model, or lacks an input or output that the manifest names
 */
export async function createOnnxRunner(modelFile: string, manifest: ModelManifest): Promise<ModelRunner> {
  // Loaded here and not with the module: beside a SageMaker endpoint the function goes without its 46 MB.
  const onnxruntime = await import('onnxruntime-node');
  const session = await onnxruntime.InferenceSession.create(modelFile, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  assertNames(session, manifest);
  const toTensor = tensorMaker(manifest, onnxruntime.Tensor);
  const { input, outputs } = manifest;
  return {
    async run(rgb) {
      const results = await session.run({ [input.name]: toTensor(rgb) });
      return assertFinite({
        logits: floats(results[outputs.logits], 'logits'),
        activation: outputs.activation ? mapsOf(results[outputs.activation]) : null,
        distance: outputs.distance ? (floats(results[outputs.distance], 'distance')[0] ?? null) : null,
      });
    },
  };
}

function assertNames(session: InferenceSession, { input, outputs, file }: ModelManifest): void {
  if (!session.inputNames.includes(input.name)) {
    throw new Error(`${file} has no input "${input.name}"; it has ${session.inputNames}`);
  }
  for (const name of [outputs.logits, outputs.activation, outputs.distance]) {
    if (name && !session.outputNames.includes(name)) {
      throw new Error(`${file} has no output "${name}"; it has ${session.outputNames}`);
    }
  }
}

/** uint8 NHWC is the decoder's own output and costs nothing; every other kind is made pixel by pixel. */
function tensorMaker({ input }: ModelManifest, TensorClass: typeof Tensor): (rgb: Uint8Array) => Tensor {
  const { width, height } = input;
  const pixels = width * height;
  const shape = input.layout === 'NHWC' ? [1, height, width, 3] : [1, 3, height, width];
  if (input.type === 'uint8' && input.layout === 'NHWC') return (rgb) => new TensorClass('uint8', rgb, shape);
  const indexOf =
    input.layout === 'NHWC'
      ? (pixel: number, channel: number) => pixel * 3 + channel
      : (pixel: number, channel: number) => channel * pixels + pixel;
  if (input.type === 'uint8') {
    return (rgb) =>
      new TensorClass('uint8', arrange(rgb, new Uint8Array(rgb.length), indexOf, identityTables()), shape);
  }
  const tables = normalizationTables(input.mean ?? [0, 0, 0], input.std ?? [1, 1, 1]);
  return (rgb) => new TensorClass('float32', arrange(rgb, new Float32Array(rgb.length), indexOf, tables), shape);
}

function arrange<Values extends Uint8Array | Float32Array>(
  rgb: Uint8Array,
  into: Values,
  indexOf: (pixel: number, channel: number) => number,
  tables: ArrayLike<number>[],
): Values {
  for (let channel = 0; channel < 3; channel++) {
    const table = tables[channel]!;
    for (let at = channel, pixel = 0; at < rgb.length; at += 3, pixel++)
      into[indexOf(pixel, channel)] = table[rgb[at]!]!;
  }
  return into;
}

function identityTables(): ArrayLike<number>[] {
  const table = Uint8Array.from({ length: 256 }, (_, value) => value);
  return [table, table, table];
}

/** 256 values per channel, so that no pixel is divided: (value / 255 - mean) / std */
function normalizationTables(mean: readonly number[], std: readonly number[]): ArrayLike<number>[] {
  return [0, 1, 2].map((channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean[channel]!) / std[channel]!),
  );
}

function floats(tensor: InferenceSession.OnnxValueMapType[string] | undefined, name: string): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error(`The model's output "${name}" is not float32`);
  return tensor.data;
}

function mapsOf(tensor: InferenceSession.OnnxValueMapType[string] | undefined): ModelOutput['activation'] {
  const [, , rows = 0, columns = 0] = tensor?.dims ?? [];
  return { data: floats(tensor, 'activation'), rows, columns };
}
