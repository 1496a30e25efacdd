/** Takes lines: a stream of the process, or an array in a test. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
}

export function writeLines(out: Output, lines: string[]): void {
  out.write(`${lines.join('\n')}\n`);
}

export function writeJson(out: Output, value: object): void {
  out.write(`${JSON.stringify(value)}\n`);
}
