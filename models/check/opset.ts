/** One field of a protobuf message: the wire type tells whether `value` is a number or bytes. */
export interface Field {
  number: number;
  value: number | Buffer;
  /** The whole field, tag and all. */
  raw: Buffer;
}

/**
 * Fields of a protobuf message in order, as far as ONNX uses the encoding (varint, 32 bit, 64 bit, bytes).
 * https://protobuf.dev/programming-guides/encoding/
 *
 * @throws Error if it is no protobuf message
 */
export function* fieldsOf(message: Buffer): Generator<Field> {
  for (let at = 0; at < message.length; ) {
    const start = at;
    const tag = varintAt(message, at);
    const body = varintAt(message, tag.end);
    const sizes: Record<number, number> = { 1: 8, 5: 4 };
    const wireType = tag.value % 8;
    if (wireType !== 0 && wireType !== 2 && !sizes[wireType]) throw new Error('not a protobuf message');
    const from = wireType === 2 ? body.end : tag.end;
    at = wireType === 0 ? body.end : from + (wireType === 2 ? body.value : sizes[wireType]!);
    if (at > message.length) throw new Error('cut off');
    const value = wireType === 0 ? body.value : message.subarray(from, at);
    yield { number: Math.floor(tag.value / 8), value, raw: message.subarray(start, at) };
  }
}

/** The version of ONNX's own operators that a model asks for; null if it does not say. (ModelProto.opset_import) */
export function opsetOf(model: Buffer): number | null {
  for (const { number, value } of fieldsOf(model)) {
    if (number !== 8 || !Buffer.isBuffer(value)) continue;
    const parts = new Map([...fieldsOf(value)].map((field) => [field.number, field.value]));
    const [domain = '', version] = [parts.get(1)?.toString(), parts.get(2)];
    if ((domain === '' || domain === 'ai.onnx') && typeof version === 'number') return version;
  }
  return null;
}

function varintAt(message: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start, scale = 1; at < message.length && at < start + 10; at++, scale *= 128) {
    value += (message[at]! & 0x7f) * scale;
    if (message[at]! < 0x80) return { value, end: at + 1 };
  }
  return { value, end: message.length };
}
