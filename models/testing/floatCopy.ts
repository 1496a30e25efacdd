import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsOf } from '../check/opset.ts';
import { readJson } from '../modelDirectory.ts';
import { type Constant, encodeGraph, message, type Node } from './onnxEncoder.ts';

const mean = [0.485, 0.456, 0.406];
const std = [0.229, 0.224, 0.225];
const graphField = 7;
const graphInputField = 11;

/**
 * The same model with another door: it takes float32 NCHW, normalised with the mean and deviation of ImageNet, and turns
 * that back into the uint8 NHWC that the original takes. Writes `manifest.json` and the ONNX file.
 */
export function writeFloatCopy(original: string, directory: string): void {
  const manifest = JSON.parse(JSON.stringify(readJson(join(original, 'manifest.json'))));
  const onnx = withFloatInput(readFileSync(join(original, manifest.file)), manifest.input);
  const input = { ...manifest.input, name: 'normalised', type: 'float32', layout: 'NCHW', mean, std };
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, manifest.file), onnx);
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ ...manifest, input, sha256, bytes: onnx.length }));
}

/** The new nodes and the new input go into the graph before all others; the old input, now made by them, goes out. */
function withFloatInput(
  model: Buffer,
  { name, width, height }: { name: string; width: number; height: number },
): Buffer {
  const door = encodeGraph({
    nodes: doorNodes(name),
    constants: [perChannel('doorScale', std), perChannel('doorShift', mean)],
    inputs: [{ name: 'normalised', type: 'float32', shape: ['batch', 3, height, width] }],
    outputs: [],
  });
  const fields = [...fieldsOf(model)].map(({ number, value, raw }) => {
    if (number !== graphField || !Buffer.isBuffer(value)) return raw;
    const kept = [...fieldsOf(value)].filter((field) => field.number !== graphInputField).map((field) => field.raw);
    return message(graphField, [...door, ...kept]);
  });
  return Buffer.concat(fields);
}

function doorNodes(image: string): Node[] {
  return [
    { op: 'Mul', inputs: ['normalised', 'doorScale'], outputs: ['doorScaled'] },
    { op: 'Add', inputs: ['doorScaled', 'doorShift'], outputs: ['doorShifted'] },
    { op: 'Round', inputs: ['doorShifted'], outputs: ['doorRounded'] },
    { op: 'Cast', inputs: ['doorRounded'], outputs: ['doorBytes'], attributes: { to: 2 } },
    { op: 'Transpose', inputs: ['doorBytes'], outputs: [image], attributes: { perm: [0, 2, 3, 1] } },
  ];
}

function perChannel(name: string, values: readonly number[]): Constant {
  return { name, dims: [1, 3, 1, 1], values: Float32Array.from(values, (value) => value * 255) };
}
