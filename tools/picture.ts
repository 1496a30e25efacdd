import type { Room } from './whoImportsWhom.ts';

type Rooms = Record<string, Room>;

interface Box {
  name: string;
  x: number;
  y: number;
}

const WIDTH = 200;
const HEIGHT = 84;
const GAP_X = 26;
const GAP_Y = 56;
const MARGIN = 24;
const LINE = 30;

/**
 * The rooms as an SVG: who imports stands above what it imports. An arrow that others imply is left out, and rooms that
 * look into nearly all others (tests, benchmarks) have none.
 */
export function architecturePicture(rooms: Rooms): string {
  const names = Object.keys(rooms);
  const everywhere = names.filter((name) => name === 'test' || isWide(name, rooms));
  const drawn = names.filter((name) => !everywhere.includes(name));
  const rows = Map.groupBy(drawn, (name) => rankOf(name, rooms));
  const ranks = [...rows.keys()].sort((one, other) => other - one);
  const widest = Math.max(everywhere.length, ...[...rows.values()].map((row) => row.length));
  const boxes = new Map<string, Box>();
  [everywhere, ...ranks.map((rank) => rows.get(rank) ?? [])].forEach((row, level) => {
    const left = MARGIN + ((widest - row.length) * (WIDTH + GAP_X)) / 2;
    row.forEach((name, column) => {
      boxes.set(name, { name, x: left + column * (WIDTH + GAP_X), y: MARGIN + level * (HEIGHT + GAP_Y) });
    });
  });
  const width = 2 * MARGIN + widest * (WIDTH + GAP_X) - GAP_X;
  const height = 2 * MARGIN + (ranks.length + 1) * (HEIGHT + GAP_Y) - GAP_Y;
  const arrows = drawn.flatMap((name) => neededImports(name, rooms).map((to) => arrow(boxes.get(name), boxes.get(to))));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif">
<title>The rooms of the repository, and who imports whom</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#57606a"/></marker></defs>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${arrows.join('\n')}
${[...boxes.values()].map((box) => drawBox(box, rooms, everywhere.includes(box.name))).join('\n')}
</svg>
`;
}

function isWide(name: string, rooms: Rooms): boolean {
  return (rooms[name]?.imports.length ?? 0) > Object.keys(rooms).length / 2;
}

/** 0 for a room that imports none; else one more than the highest of those that it imports. */
function rankOf(name: string, rooms: Rooms): number {
  const below = rooms[name]?.imports ?? [];
  return below.length === 0 ? 0 : 1 + Math.max(...below.map((other) => rankOf(other, rooms)));
}

/** The imports that do not follow from one of the others. */
function neededImports(name: string, rooms: Rooms): string[] {
  const direct = rooms[name]?.imports ?? [];
  const reaches = (from: string, to: string): boolean =>
    (rooms[from]?.imports ?? []).some((next) => next === to || reaches(next, to));
  return direct.filter((to) => !direct.some((other) => other !== to && reaches(other, to)));
}

function arrow(from: Box | undefined, to: Box | undefined): string {
  if (!from || !to) return '';
  const [x1, y1, x2, y2] = [from.x + WIDTH / 2, from.y + HEIGHT, to.x + WIDTH / 2, to.y];
  const bend = (y1 + y2) / 2;
  return `<path d="M${x1} ${y1}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2}" fill="none" stroke="#57606a" marker-end="url(#tip)"/>`;
}

function drawBox({ name, x, y }: Box, rooms: Rooms, sees: boolean): string {
  const lines = wrap(rooms[name]?.holds ?? '');
  const text = lines.map(
    (line, index) => `<text x="${x + 10}" y="${y + 40 + index * 15}" font-size="11">${line}</text>`,
  );
  const style = sees ? 'fill="#f6f8fa" stroke="#8c959f" stroke-dasharray="4 3"' : 'fill="#ddf4ff" stroke="#0969da"';
  return `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="6" ${style}/>
<text x="${x + 10}" y="${y + 21}" font-size="14" font-weight="600">${name}/</text>
${text.join('\n')}`;
}

/** Lines of at most 30 characters, three at most. */
function wrap(text: string): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length < LINE) lines[lines.length - 1] = line ? `${line} ${word}` : word;
    else lines.push(word);
  }
  return lines.slice(0, 3);
}
