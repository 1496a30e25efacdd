import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Constant, encodeModel, type Node, type Port } from './onnxEncoder.ts';

export interface TinyModelOptions {
  type?: 'uint8' | 'float32';
  layout?: 'NHWC' | 'NCHW';
  /** What goes wrong when it runs: from the first photo on, or where the photo is brighter than middle grey. */
  fault?: 'throws' | 'nan' | 'throwsOnBright';
  activation?: boolean;
  distance?: boolean;
  /** An output that says how much the photo is dermoscopy, with a gate at 0.3 and 0.5. Not given: none. */
  modality?: boolean;
  /** Written into the manifest; the model is the same. */
  views?: 1 | 4 | 8;
  /** Takes one photo at a time, as models do that were exported without an open batch dimension. */
  single?: boolean;
  /** Overrides in the manifest. */
  manifest?: Record<string, unknown>;
}

export const side = 32;
const cell = 8;
export const mean = [0.5, 0.4, 0.3];
export const std = [0.2, 0.25, 0.3];
/** [class][channel], and a bias per class. */
export const weights = [
  [1.5, -0.5, 0.25],
  [-1, 2, -0.75],
  [0.5, 0.5, 1],
];
export const bias = [0.1, -0.2, 0.3];

/**
 * A model of three classes that a person can follow: a weighted sum of the normalised channels of every pixel, averaged
 * over 8 × 8 pixels for the activation maps [1, 3, 4, 4] and over all of them for the logits. Its distance is the mean
 * absolute normalised value, its modality the sigmoid of the mean normalised value: dark photos are none of its own, and a
 * turned photo is to it what it was. With uint8 input the normalisation is inside.
 *
 * Writes `manifest.json` and `tiny.onnx` into the directory.
 */
export function writeTinyModel(directory: string, options: TinyModelOptions = {}): void {
  const onnx = tinyOnnx(options);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'tiny.onnx'), onnx);
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(tinyManifest(onnx, options), null, 1));
}

export function tinyManifest(onnx: Buffer, options: TinyModelOptions = {}): Record<string, unknown> {
  const { type = 'float32', layout = 'NCHW', activation = true, distance = true, modality = false, views } = options;
  return {
    name: 'tiny',
    version: '0.0.1',
    file: 'tiny.onnx',
    sha256: createHash('sha256').update(onnx).digest('hex'),
    bytes: onnx.length,
    input: {
      ...{ name: 'pixels', type, layout, width: side, height: side, color: 'RGB', crop: 'center-square' },
      ...(type === 'float32' ? { mean, std } : {}),
    },
    outputs: {
      logits: 'scores',
      ...(activation ? { activation: 'maps' } : {}),
      ...(distance ? { distance: 'away' } : {}),
      ...(modality ? { modality: 'glance' } : {}),
    },
    ...(views ? { views } : {}),
    ...(modality ? { modality: { threshold: 0.3, doubtful: 0.5 } } : {}),
    classes: ['mel', 'nv', 'scc'],
    classInfo: { scc: { label: 'Squamous cell carcinoma', icd10: 'C44', malignant: true } },
    temperature: 2,
    ...(distance ? { distance: { unusual: 50, foreign: 100 } } : {}),
    operatingPoints: [
      {
        name: 'malignant-90',
        classes: ['mel', 'scc'],
        threshold: 0.4,
        validation: { sensitivity: 0.9, specificity: 0.6 },
      },
      {
        name: 'malignant-70',
        classes: ['mel', 'scc'],
        threshold: 0.7,
        validation: { sensitivity: 0.7, specificity: 0.8 },
      },
    ],
    ...options.manifest,
  };
}

export function tinyOnnx(options: TinyModelOptions = {}): Buffer {
  const { type = 'float32', layout = 'NCHW', activation = true, distance = true, modality = false, fault } = options;
  const batch = options.single ? 1 : 'batch';
  const ports: Port[] = [{ name: 'scores', type: 'float32', shape: [batch, 3] }];
  if (activation) ports.push({ name: 'maps', type: 'float32', shape: [batch, 3, side / cell, side / cell] });
  if (distance) ports.push({ name: 'away', type: 'float32', shape: [batch] });
  if (modality) ports.push({ name: 'glance', type: 'float32', shape: [batch] });
  const shape = layout === 'NHWC' ? [batch, side, side, 3] : [batch, 3, side, side];
  const nodes = [...entrance(type, layout), ...body(distance, modality), ...faultNodes(fault)];
  const used = new Set(nodes.flatMap((node) => node.inputs));
  return encodeModel({
    nodes,
    constants: constants().filter((constant) => used.has(constant.name)),
    inputs: [{ name: 'pixels', type, shape }],
    outputs: ports,
  });
}

/** From the input as it is to `normal`, normalised NCHW. */
function entrance(type: 'uint8' | 'float32', layout: 'NHWC' | 'NCHW'): Node[] {
  const nodes: Node[] = [];
  let last = 'pixels';
  const then = (op: string, output: string, inputs: string[] = [], attributes: Node['attributes'] = {}) => {
    nodes.push({ op, inputs: [last, ...inputs], outputs: [output], attributes });
    last = output;
  };
  if (layout === 'NHWC') then('Transpose', 'channelsFirst', [], { perm: [0, 3, 1, 2] });
  if (type === 'uint8') {
    then('Cast', 'floats', [], { to: 1 });
    then('Mul', 'scaled', ['scale']);
    then('Add', 'shifted', ['shift']);
  }
  then('Identity', 'normal');
  return nodes;
}

function body(distance: boolean, modality: boolean): Node[] {
  const overPixels = { axes: [2, 3], keepdims: 0 };
  const overPhoto = { axes: [1, 2, 3], keepdims: 0 };
  const away: Node[] = [
    { op: 'Abs', inputs: ['normal'], outputs: ['size'] },
    { op: 'ReduceMean', inputs: ['size'], outputs: ['away'], attributes: overPhoto },
  ];
  const glance: Node[] = [
    { op: 'ReduceMean', inputs: ['normal'], outputs: ['lightness'], attributes: overPhoto },
    { op: 'Sigmoid', inputs: ['lightness'], outputs: ['glance'] },
  ];
  return [
    { op: 'Conv', inputs: ['normal', 'weights', 'bias'], outputs: ['perPixel'], attributes: { kernel_shape: [1, 1] } },
    {
      op: 'AveragePool',
      inputs: ['perPixel'],
      outputs: ['maps'],
      attributes: { kernel_shape: [cell, cell], strides: [cell, cell] },
    },
    { op: 'ReduceMean', inputs: ['maps'], outputs: ['rawScores'], attributes: overPixels },
    ...(distance ? away : []),
    ...(modality ? glance : []),
  ];
}

/** To `scores`, directly or through what fails: of three scores, a fifth is asked for. */
function faultNodes(fault: TinyModelOptions['fault']): Node[] {
  const gather = (indices: string): Node => {
    return { op: 'Gather', inputs: ['rawScores', indices], outputs: ['scores'], attributes: { axis: 1 } };
  };
  if (fault === undefined) return [{ op: 'Identity', inputs: ['rawScores'], outputs: ['scores'] }];
  if (fault === 'nan') return [{ op: 'Mul', inputs: ['rawScores', 'nan'], outputs: ['scores'] }];
  if (fault === 'throws') return [gather('fourToSix')];
  return [
    { op: 'ReduceMean', inputs: ['normal'], outputs: ['light'], attributes: { axes: [0, 1, 2, 3], keepdims: 0 } },
    { op: 'Clip', inputs: ['light', 'zero', 'one'], outputs: ['clipped'] },
    { op: 'Ceil', inputs: ['clipped'], outputs: ['isBright'] },
    { op: 'Mul', inputs: ['isBright', 'four'], outputs: ['zeroOrFour'] },
    { op: 'Cast', inputs: ['zeroOrFour'], outputs: ['offset'], attributes: { to: 7 } },
    { op: 'Add', inputs: ['offset', 'zeroToTwo'], outputs: ['indices'] },
    gather('indices'),
  ];
}

function constants(): Constant[] {
  const scalar = (name: string, value: number): Constant => ({ name, dims: [], values: Float32Array.of(value) });
  const whole = (name: string, ...values: number[]): Constant => {
    return { name, dims: [values.length], values: BigInt64Array.from(values.map(BigInt)) };
  };
  const perChannel = (name: string, values: number[]): Constant => {
    return { name, dims: [1, 3, 1, 1], values: Float32Array.from(values) };
  };
  return [
    { name: 'weights', dims: [3, 3, 1, 1], values: Float32Array.from(weights.flat()) },
    { name: 'bias', dims: [3], values: Float32Array.from(bias) },
    perChannel(
      'scale',
      std.map((deviation) => 1 / (255 * deviation)),
    ),
    perChannel(
      'shift',
      std.map((deviation, channel) => -mean[channel]! / deviation),
    ),
    scalar('nan', Number.NaN),
    scalar('zero', 0),
    scalar('one', 1),
    scalar('four', 4),
    whole('zeroToTwo', 0, 1, 2),
    whole('fourToSix', 4, 5, 6),
  ];
}
