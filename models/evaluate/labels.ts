import { existsSync, readFileSync } from 'node:fs';

export interface Label {
  imageId: string;
  /** The diagnosis: one of the model's classes. */
  dx: string;
  /** Every other column, such as age or patient. */
  attributes: Record<string, string>;
}

/**
 * Labels from a CSV file with a header. The columns `image_id` and `dx` must be there; others tell people apart
 * (subgroups.ts) or whose photos belong together (`patient`, `lesion_id`).
 *
 * @throws Error naming file and line
 */
export function readLabels(path: string, classes: readonly string[]): Label[] {
  if (!existsSync(path)) throw new Error(`There is no labels file ${path}`);
  const [header = [], ...rows] = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map(cellsOf);
  const [idColumn, dxColumn] = [header.indexOf('image_id'), header.indexOf('dx')];
  if (idColumn < 0 || dxColumn < 0)
    throw new Error(`${path} must begin with a line that names the columns image_id and dx`);
  const labels = new Map<string, Label>();
  for (const [index, cells] of rows.entries()) {
    if (cells.length === 1 && cells[0] === '') continue;
    const place = `${path} line ${index + 2}`;
    if (cells.length !== header.length)
      throw new Error(`${place} has ${cells.length} columns, the first line ${header.length}`);
    const label = parseLabel(cells[idColumn]!, cells[dxColumn]!, classes, place);
    if (labels.has(label.imageId)) throw new Error(`${place} names ${label.imageId} a second time`);
    const others = [...header.entries()].filter(([column]) => column !== idColumn && column !== dxColumn);
    const attributes = Object.fromEntries(others.map(([column, name]) => [name, cells[column] ?? '']));
    labels.set(label.imageId, { ...label, attributes });
  }
  if (labels.size === 0) throw new Error(`${path} names no image`);
  return [...labels.values()];
}

function parseLabel(imageId: string, dx: string, classes: readonly string[], place: string): Omit<Label, 'attributes'> {
  if (!/^[\w.-]+$/.test(imageId)) throw new Error(`${place}: "${imageId}" is no image_id`);
  if (!classes.includes(dx)) throw new Error(`${place}: class "${dx}" is none of the model's (${classes.join(', ')})`);
  return { imageId, dx };
}

/** No field that counts here holds a comma; quotes are taken off. */
function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}
