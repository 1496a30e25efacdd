import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { modelFileProblems, readModelDirectory, referenceModel } from './modelDirectory.ts';

let directory: string;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'model-')), 'a folder with spaces');
  cpSync(referenceModel, directory, { recursive: true });
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

test('a whole model directory is read, and its file is the one of its manifest', () => {
  const model = readModelDirectory(directory);
  expect(model.manifest).toMatchObject({ name: 'ham10000-mobilenetv2', file: 'model.onnx' });
  expect(model.modelFile).toBe(join(directory, 'model.onnx'));
  expect(modelFileProblems(model)).toEqual([]);
});

test('a model that is not the one of its manifest is told by its size and its hash', () => {
  writeFileSync(join(directory, 'model.onnx'), 'another model');
  expect(modelFileProblems(readModelDirectory(directory))).toEqual([
    expect.stringMatching(/model\.onnx has 13 bytes, the manifest says \d+/),
    expect.stringMatching(/model\.onnx has sha256 [0-9a-f]{64}, the manifest says/),
  ]);
});

test('a directory without manifest.json or model.onnx is refused', () => {
  rmSync(join(directory, 'model.onnx'));
  expect(() => readModelDirectory(directory)).toThrow(`${directory} has no model.onnx`);
  rmSync(join(directory, 'manifest.json'));
  expect(() => readModelDirectory(directory)).toThrow(`There is no ${join(directory, 'manifest.json')}`);
});

test('a manifest that lacks something is refused, naming it', () => {
  const { temperature: _, ...rest } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(rest));
  expect(() => readModelDirectory(directory)).toThrow(/temperature/);
});
