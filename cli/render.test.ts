import { describe, expect, test } from 'vitest';
import { aCompletedRequest, aRequest } from '../client/testing/requests.ts';
import { paintFor, plain } from './paint.ts';
import { progressLine, resultLines, updateLine } from './render.ts';
import { listLine } from './renderList.ts';
import { bar, duration, shade, wrapped } from './text.ts';

const at = (seconds: number) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + seconds * 1000);

describe('a result', () => {
  const text = resultLines(aCompletedRequest(), plain).join('\n');

  test('shows each class with bar, percentage, ICD-10 code and malignancy', () => {
    expect(text).toContain('mel   Melanoma           ████████████              50.0 %  C43    ● malignant');
    expect(text).toContain('vasc  Vascular lesion    █▌                         6.3 %');
  });

  test('shows the triage with the operating points and what was measured of them', () => {
    expect(text).toContain('SOON  a doctor should see this');
    expect(text).toContain('▲ malignant-95   0.500 ≥ 0.087  measured: sensitivity 93.2 %, specificity 67.7 %');
    expect(text).toContain('▽ malignant-80   0.500 < 0.600  measured: sensitivity 70.0 %, specificity –');
  });

  test('shows each notice with its measure and where the threshold comes from', () => {
    expect(text).toContain('! BLURRED  The photo is blurred.');
    expect(text).toContain('variance of the Laplacian 12.3, threshold 30 (1st percentile of the training photos)');
  });

  test('shows where the model looked, row by row', () => {
    expect(text).toContain('square of 450 px at 75, 0');
    expect(text).toContain('\n  ··░░\n  ▓▓██\n');
  });

  test('shows the description with its source, and ends with the disclaimer', () => {
    expect(text).toContain('Description (template, en, no_key)\n  A doctor should look at it soon.');
    expect(text.endsWith('This is not a diagnosis.')).toBe(true);
  });

  test('shows why it failed and whether a retry helps', () => {
    const error = { code: 'UnreadableImage', message: 'Take another photo.', retryable: false };
    const lines = resultLines(aRequest({ status: 'FAILED', error }), plain);
    expect(lines).toContain('UnreadableImage: Take another photo.');
    expect(lines).toContain('The same photo would fail again.');
  });

  test('passes nothing on that a terminal would obey', () => {
    const error = { code: 'InvalidInput', message: '\u001b[2Jgone', retryable: false };
    expect(resultLines(aRequest({ status: 'FAILED', error }), plain).join('')).not.toContain('\u001b');
  });
});

describe('stuck or queued?', () => {
  test('is answered for one that waits in the queue', () => {
    expect(progressLine(aRequest(), at(42))).toBe('PENDING for 42.0 s: waiting in the queue for a worker · attempt 0');
  });

  test('is answered for one that was taken up again', () => {
    const timeline = [{ status: 'PROCESSING' as const, at: '2026-01-01T00:01:00.000Z' }];
    const request = aRequest({ status: 'PROCESSING', attempt: 2, timeline, timings: null });
    expect(progressLine(request, at(190))).toBe('PROCESSING for 2 min 10 s: a worker has it · attempt 2');
  });

  test('is answered for one that has ended, with the time of each stage', () => {
    expect(progressLine(aCompletedRequest(), at(9999))).toBe(
      'took 2.5 s · attempt 1 · queued 40 ms · fetch 5 ms · decode 6 ms · inference 11 ms',
    );
  });
});

test('a change is one line: time since submission, status, version, and how it came', () => {
  const line = updateLine({ request: aRequest({ status: 'PROCESSING', version: 2 }), via: 'push' }, 1234, plain);
  expect(line).toBe('   1.234 s  PROCESSING            v2   by push');
});

test('a list line tells id, time, status and outcome', () => {
  expect(listLine(aCompletedRequest(), plain)).toBe(
    '11111111-1111-5111-8111-111111111111  2026-01-01T00:00:00  COMPLETED             SOON mel 50.0 %  ISIC_0034634.jpg',
  );
});

test('colour is for terminals, and not where NO_COLOR is set', () => {
  expect(paintFor({ isTTY: true }, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m');
  expect(paintFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'x')).toBe('x');
  expect(paintFor({}, {})('red', 'x')).toBe('x');
});

test('bars have the resolution of an eighth of a character', () => {
  expect([0, 1 / 16, 0.5, 1, 2].map((share) => bar(share, 2))).toEqual(['  ', '▏ ', '█ ', '██', '██']);
});

test('shades go from nothing to full', () => {
  expect([0, 0.2, 0.5, 0.99, 1].map(shade)).toEqual(['··', '░░', '▒▒', '██', '██']);
});

test('durations read as a person would say them', () => {
  expect([45, 1234, 185_000, 7_800_000, 300_000_000].map(duration)).toEqual([
    '45 ms',
    '1.2 s',
    '3 min 5 s',
    '2 h 10 min',
    '3 d',
  ]);
});

test('wrapping keeps to the width, indent included', () => {
  expect(wrapped('one two three', '  ', 9)).toEqual(['  one two', '  three']);
});
