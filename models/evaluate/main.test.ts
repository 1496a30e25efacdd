import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeTinyModel } from '../testing/tinyModel.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'evaluate-'));
const path = (name: string) => join(root, name);
const given = ['--images', root, '--labels', path('labels.csv'), '--model', path('model')];

/** A model of three classes that goes by colour, and photos of one colour each. */
beforeAll(async () => {
  writeTinyModel(path('model'));
  writeFileSync(path('labels.csv'), 'image_id,dx\nred,mel\ngreen,nv\nblue,scc\ndark,nv\n');
  const colours = { red: '#f02020', green: '#20f020', blue: '#6060ff', dark: '#181818' };
  for (const [name, background] of Object.entries(colours)) {
    await sharp({ create: { width: 80, height: 60, channels: 3, background } })
      .jpeg()
      .toFile(path(`${name}.jpg`));
  }
});
afterAll(() => rmSync(root, { recursive: true }));

async function evaluate(...args: string[]) {
  const run = promisify(execFile)(process.execPath, [program, ...args]);
  return await run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

test('with --json it prints a line per photo, then the summary, and nothing else', async () => {
  const { code, stdout } = await evaluate(...given, '--json');
  expect(code).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatchObject({ image_id: 'red', dx: 'mel', probabilities: { mel: expect.any(Number) } });
  const sum = Object.values<number>(lines[0].probabilities).reduce((total, one) => total + one, 0);
  expect(sum).toBeCloseTo(1, 5);
  expect(Object.keys(lines[4])).toEqual(['summary']);
  expect(lines[4].summary).toMatchObject({ n: 4, recall: { mel: 1, nv: expect.any(Number), scc: expect.any(Number) } });
  expect(lines[4].summary.aucMalignant).toBeGreaterThanOrEqual(0);
});

test('without it a person reads the same', async () => {
  const { stdout } = await evaluate(...given);
  for (const what of [
    'accuracy',
    'balanced accuracy',
    'recall scc',
    'ECE',
    'AUC malignant',
    'ms per image',
    'Not a diagnosis',
  ]) {
    expect(stdout).toContain(what);
  }
});

test('the report is one file that loads nothing, with its charts, and says that it is no diagnosis', async () => {
  const { code } = await evaluate(...given, '--report', path('report.html'));
  expect(code).toBe(0);
  const html = readFileSync(path('report.html'), 'utf8');
  expect(html.match(/<svg /g)).toHaveLength(4);
  for (const label of [
    'Confusion matrix',
    'ROC curve',
    'Reliability diagram',
    'Recall of each class',
    'Not a diagnosis',
  ]) {
    expect(html).toContain(label);
  }
  expect(html).not.toMatch(/(src|href)=|@import|url\(|<script|NaN|undefined/);
  expect(html).toContain('prefers-color-scheme: dark');
});

test('several sets come in one report, with subgroups, gates and what turning changes', async () => {
  writeFileSync(path('people.csv'), 'image_id,dx,age,sex,patient\nred,mel,70,male,p1\ngreen,nv,20,female,p2\n');
  const sets = ['--set', `skin=${root},${path('people.csv')}`, '--set', `anything=${root}`];
  const { code, stdout } = await evaluate(
    ...sets,
    '--model',
    path('model'),
    '--stability',
    '--report',
    path('sets.html'),
  );
  expect(code).toBe(0);
  for (const what of ['skin: 2 photos', 'age 60 and over', 'too few to judge', 'turned by 90°', 'anything: 4 photos'])
    expect(stdout).toContain(what);
  const html = readFileSync(path('sets.html'), 'utf8');
  for (const what of ['<h1>skin</h1>', '<h1>anything</h1>', 'Subgroups', 'Stability']) expect(html).toContain(what);
  expect(html).not.toMatch(/NaN|undefined/);
});

test('compare answers by its exit status, and says which limit does not hold', async () => {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const args = [main, 'compare', path('model'), path('model'), '--set', `skin=${root},${path('labels.csv')}`];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(/✓ AUC malignant .*\n/);
  expect(stdout).toContain('Every limit holds.');
});

describe('one line tells what is wrong', () => {
  const labels = (text: string) => {
    writeFileSync(path('bad.csv'), text);
    return path('bad.csv');
  };
  const damaged = () => {
    writeFileSync(path('damaged.jpg'), readFileSync(path('red.jpg')).subarray(0, 200));
    return labels('image_id,dx\ndamaged,mel\n');
  };

  test.each([
    [
      'no directory of images',
      () => ['--images', path('none'), '--labels', path('labels.csv')],
      /There is no image directory/,
    ],
    ['no labels', () => ['--images', root, '--labels', path('none.csv')], /There is no labels file/],
    ['a bad CSV', () => ['--images', root, '--labels', labels('a,b\n1,2\n')], /image_id and dx/],
    [
      'a missing image',
      () => ['--images', root, '--labels', labels('image_id,dx\nred,mel\ngone,mel\n')],
      /1 of 2 images are missing.*gone\.jpg/,
    ],
    ['an unknown class', () => ['--images', root, '--labels', labels('image_id,dx\nred,xyz\n')], /line 2: class "xyz"/],
    ['a damaged image', () => ['--images', root, '--labels', damaged()], /damaged\.jpg: The photo is damaged/],
    ['an unknown option', () => ['--photos', root], /--photos/],
    ['nothing given', () => [], /--images DIR and --labels CSV are needed/],
  ])('%s', async (_, args, message) => {
    const { code, stderr, stdout } = await evaluate(...args(), '--model', path('model'));
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  test('no model', async () => {
    const { code, stderr } = await evaluate(
      '--images',
      root,
      '--labels',
      path('labels.csv'),
      '--model',
      path('nowhere'),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^evaluate: There is no model directory .*nowhere\n$/);
  });
});
