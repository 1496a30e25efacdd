/** Something that whoever runs the synthesis can put right. Its message says what, and needs no stack trace. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
