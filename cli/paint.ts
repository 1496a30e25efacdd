import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;

/** Colour on a terminal alone, and never where NO_COLOR is set (no-color.org). */
export function paintFor(out: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  if (!out.isTTY || env.NO_COLOR) return plain;
  return (style, text) => styleText(style, text, { validateStream: false });
}
