/**
 * What the docs show of the code: the table of rooms and the picture of the architecture in docs/architecture.md, and
 * the index of the decisions. `npm run docs` writes them; `npm run check` says when they are stale.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestStatus } from '../core/generated/schema.ts';
import { lifecycle } from '../core/lifecycle.ts';
import { architecturePicture } from './picture.ts';
import { type Room, rooms } from './whoImportsWhom.ts';

const ARCHITECTURE = 'docs/architecture.md';
const DECISIONS = 'docs/decisions';

/** Each generated file with what must be in it. */
export function generatedDocs(): { file: string; content: string }[] {
  return [
    { file: ARCHITECTURE, content: architecturePage() },
    { file: 'docs/architecture.svg', content: architecturePicture(rooms) },
    { file: `${DECISIONS}/README.md`, content: decisionIndex() },
  ];
}

/** One line for each generated file that is not as the code has it. */
export function staleDocs(): string[] {
  return generatedDocs().flatMap(({ file, content }) => {
    return readIfThere(file) === content ? [] : [`${file} is stale: npm run docs`];
  });
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function architecturePage(): string {
  const text = withSection(readFileSync(ARCHITECTURE, 'utf8'), 'status: from core/lifecycle.ts', statusTable());
  return withSection(text, 'rooms: from tools/whoImportsWhom.ts', roomTable());
}

function withSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${ARCHITECTURE} has no section ${begin} … ${end}`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

function statusTable(): string {
  const statuses = Object.entries(lifecycle);
  const steps = statuses.flatMap(([from, { next }]) =>
    Object.entries<string>(next).map(([to, by]) => ({ from, to, by })),
  );
  // One row for all that become the same for the same reason.
  const rows = [...Map.groupBy(steps, ({ to, by }) => `| ${to} | ${by} |`)].map(
    ([row, alike]) => `| ${alike.map(({ from }) => from).join(', ')} ${row}`,
  );
  const kept = { kept: 'kept', untilRetry: 'kept while it can be retried, at most 24 hours', goes: 'deleted' };
  const meanings = statuses.map(([status, { open, queue, photo }]) => {
    return `| ${status} | ${open ? 'open' : 'ended'} | ${queue ?? '–'} | ${kept[photo]} |`;
  });
  const first: RequestStatus = 'PENDING';
  return `| from | to | by |
|---|---|---|
| – | ${first} | \`submitRequest\` |
${rows.join('\n')}

| status | | waits for | photo |
|---|---|---|---|
${meanings.join('\n')}`;
}

function roomTable(): string {
  const listed = (names: readonly string[]) => names.map((name) => `\`${name}/\``).join(', ');
  const rows = Object.entries<Room>(rooms).map(([name, { holds, imports, types = [] }]) => {
    const given = [listed(imports), types.length > 0 ? `types of ${listed(types)}` : ''].filter(Boolean);
    return `| \`${name}/\` | ${holds} | ${name === 'test' ? 'anything' : given.join('; ') || 'only itself'} |`;
  });
  return ['| room | what it holds | what it may import besides itself |', '|---|---|---|', ...rows].join('\n');
}

function decisionIndex(): string {
  const files = globSync('*.md', { cwd: DECISIONS }).filter((file) => file !== 'README.md');
  const decisions = files.map((file) => {
    const text = readFileSync(`${DECISIONS}/${file}`, 'utf8');
    const [, title = file] = /^# (.+)$/m.exec(text) ?? [];
    const [, date, status] = /^(\d{4}-\d\d-\d\d) · (.+)$/m.exec(text) ?? [];
    if (!date || !status) throw new Error(`${DECISIONS}/${file}: its third line must be "YYYY-MM-DD · status"`);
    return { file, title, date, status };
  });
  decisions.sort((one, other) => one.date.localeCompare(other.date) || one.file.localeCompare(other.file));
  const rows = decisions.map(({ file, title, date, status }) => `| ${date} | [${title}](${file}) | ${status} |`);
  return `# Decisions

What was decided, why, and what was rejected: half a page each. This index is written by \`npm run docs\`.

| date | decision | status |
|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main) for (const { file, content } of generatedDocs()) writeFileSync(file, content);
