/** Text as HTML or SVG content or attribute. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param rows cells of HTML, the first a heading */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const heads = head.map((cell) => `<th scope="col">${cell}</th>`).join('');
  const body = rows.map(([first = '', ...cells]) => {
    return `<tr><th scope="row">${first}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<div class="wide"><table><thead><tr>${heads}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

export function section(title: string, explanation: string, content: string): string {
  return `<section><h2>${title}</h2><p>${explanation}</p>${content}</section>`;
}

/** e.g. 87.5 %; a dash for what could not be measured */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

/** A whole page that loads nothing and follows the reader's light or dark scheme. */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body><main>
${content}
</main></body>
</html>
`;
}

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --panel: #f4f6f8; --line: #d0d7de;
  --blue: #1f6feb; --red: #c9372c; --cell: 31 111 235; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa5b1; --paper: #0f1419; --panel: #1a2129;
  --line: #3a4450; --blue: #6ba6ff; --red: #ff8178; --cell: 107 166 255; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .3rem; }
p { max-width: 46rem; margin: .3rem 0 .8rem; } section > p { color: var(--soft); }
.warning { border-left: 4px solid var(--red); background: var(--panel); padding: .6rem 1rem; max-width: none; }
.wide { overflow-x: auto; } .pair { display: flex; flex-wrap: wrap; gap: 0 2rem; } .pair > section { flex: 1 1 24rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td small, th small { color: var(--soft); font-weight: normal; }
svg { display: block; max-width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .soft { fill: var(--soft); }
svg .axis { stroke: var(--line); fill: none; } svg .ideal { stroke: var(--soft); stroke-dasharray: 4 4; fill: none; }
svg .curve { stroke: var(--blue); stroke-width: 2; fill: none; } svg .dot { fill: var(--red); }
svg .bar { fill: var(--blue); fill-opacity: .35; stroke: var(--blue); } svg .whisker { stroke: var(--blue); stroke-width: 2; }
@media print { main { max-width: none; } section { break-inside: avoid; } }
`;
