// Generated from schema.graphql by `npm run codegen`. Do not edit.
/** A file's first bytes as a view for numbers. */
export function view(head: Uint8Array): DataView {
  return new DataView(head.buffer, head.byteOffset, head.byteLength);
}

/** Bytes as letters, one each. */
export function textAt(head: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...head.subarray(at, at + length));
}

export function startsWith(head: Uint8Array, signature: string, offset = 0): boolean {
  return textAt(head, offset, signature.length) === signature;
}
