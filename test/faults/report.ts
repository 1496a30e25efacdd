import { promises } from './promises.ts';
import type { Report } from './run.ts';

/** For people. */
export function render(report: Report): string {
  const { requests, owners, seed, seconds, broken } = report;
  const pushes = `${report.pushes} pushes, ${report.pushesBehind} of them behind a newer one, ${report.parkedPushes} parked`;
  const sections = [
    `${requests} requests of ${owners} owners, seed ${seed}, ${seconds} s`,
    table('Faults', report.faults),
    `  ${report.callsHit} calls to AWS met one`,
    table('Endings', report.endings),
    `  ${report.retries} retries; ${pushes}`,
    `\nPromises\n${Object.keys(promises)
      .map((key) => promiseLine(key, report))
      .join('\n')}`,
    ...broken.slice(0, 50).map(({ promise, requestId, detail }) => `  ${promise} ${requestId ?? ''} ${detail}`),
    ...(broken.length > 50 ? [`  … and ${broken.length - 50} more`] : []),
  ];
  return sections.join('\n');
}

function promiseLine(key: string, { broken }: Report): string {
  const count = broken.filter(({ promise }) => promise === key).length;
  const text = Object.entries(promises).find(([name]) => name === key)?.[1] ?? key;
  return `  ${count === 0 ? 'kept  ' : 'BROKEN'} ${text}${count === 0 ? '' : ` (${count} times)`}`;
}

function table(title: string, counts: Record<string, number>): string {
  const rows = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return [`\n${title}`, ...rows.map(([name, count]) => `  ${String(count).padStart(5)}  ${name}`)].join('\n');
}
