/** Just enough of the protobuf encoding to write ONNX models by hand. Field numbers: onnx/onnx `onnx.proto`. */

export type Attribute = number | readonly number[];

export interface Node {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Readonly<Record<string, Attribute>>;
}

export interface Constant {
  name: string;
  dims: readonly number[];
  /** Float32 where it is one, else int64. */
  values: Float32Array | BigInt64Array;
}

/** A dimension left open has a name. */
export interface Port {
  name: string;
  type: 'float32' | 'uint8';
  shape: readonly (number | string)[];
}

export interface Graph {
  nodes: readonly Node[];
  constants: readonly Constant[];
  inputs: readonly Port[];
  outputs: readonly Port[];
}

const elementType = { float32: 1, uint8: 2, int64: 7 };
const attributeType = { int: 2, ints: 7 };

/** A ModelProto: IR version 8, opset 13. */
export function encodeModel(graph: Graph): Buffer {
  const opset = [text(1, ''), int(2, 13)];
  return Buffer.concat([int(1, 8), text(2, 'hand-made'), message(7, encodeGraph(graph)), message(8, opset)]);
}

/** The fields of a GraphProto. */
export function encodeGraph({ nodes, constants, inputs, outputs }: Graph): Buffer[] {
  return [
    ...nodes.map((node) => message(1, encodeNode(node))),
    text(2, 'graph'),
    ...constants.map((constant) => message(5, encodeConstant(constant))),
    ...inputs.map((port) => message(11, encodePort(port))),
    ...outputs.map((port) => message(12, encodePort(port))),
  ];
}

export function message(field: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

function encodeNode({ op, inputs, outputs, attributes = {} }: Node): Buffer[] {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, encodeAttribute(name, value))),
  ];
}

function encodeAttribute(name: string, value: Attribute): Buffer[] {
  if (typeof value === 'number') return [text(1, name), int(3, value), int(20, attributeType.int)];
  return [text(1, name), ...value.map((one) => int(8, one)), int(20, attributeType.ints)];
}

function encodeConstant({ name, dims, values }: Constant): Buffer[] {
  const type = values instanceof Float32Array ? elementType.float32 : elementType.int64;
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return [...dims.map((size) => int(1, size)), int(2, type), text(8, name), message(9, [raw])];
}

function encodePort({ name, type, shape }: Port): Buffer[] {
  const dimensions = shape.map((size) => message(1, [typeof size === 'number' ? int(1, size) : text(2, size)]));
  const tensor = [int(1, elementType[type]), message(2, dimensions)];
  return [text(1, name), message(2, [message(1, tensor)])];
}

function int(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function text(field: number, value: string): Buffer {
  return message(field, [Buffer.from(value)]);
}

/** Non-negative numbers only. */
function varint(value: number): Buffer {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
