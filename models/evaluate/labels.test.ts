import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLabels } from './labels.ts';

const directory = mkdtempSync(join(tmpdir(), 'labels-'));
afterAll(() => rmSync(directory, { recursive: true }));

function read(text: string) {
  const path = join(directory, 'labels.csv');
  writeFileSync(path, text);
  return readLabels(path, ['mel', 'nv']);
}

test('the two columns are found among others, by name, whatever the line ends and quotes', () => {
  expect(read('\uFEFFlesion,"image_id",dx\r\nL1,"a_1",nv\r\nL2,b-2,"mel"\r\n')).toEqual([
    { imageId: 'a_1', dx: 'nv', attributes: { lesion: 'L1' } },
    { imageId: 'b-2', dx: 'mel', attributes: { lesion: 'L2' } },
  ]);
});

test.each([
  ['a header is missing', 'a,nv\n', /image_id and dx/],
  ['a class is unknown', 'image_id,dx\na,nv\nb,scc\n', /line 3: class "scc" is none of the model's \(mel, nv\)/],
  ['a line is cut', 'image_id,dx\na\n', /line 2 has 1 columns/],
  ['an id is a path', 'image_id,dx\n../a,nv\n', /line 2: "\.\.\/a" is no image_id/],
  ['an id comes twice', 'image_id,dx\na,nv\na,nv\n', /line 3 names a a second time/],
  ['it names nothing', 'image_id,dx\n', /names no image/],
])('is refused with file and line if %s', (_, text, message) => {
  expect(() => read(text)).toThrow(message);
});

test('a file that is not there is named', () => {
  expect(() => readLabels(join(directory, 'none.csv'), [])).toThrow(/There is no labels file .*none\.csv/);
});
