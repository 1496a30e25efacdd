import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readModelDirectory } from './modelDirectory.ts';
import { ROOT } from './testStack.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'model-'));
  cpSync(join(ROOT, 'models/ham10000-mobilenetv2'), directory, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a whole model directory is read', () => {
  const { manifest, modelPath } = readModelDirectory(directory);
  expect(manifest).toMatchObject({ name: 'ham10000-mobilenetv2', file: 'model.onnx' });
  expect(modelPath).toBe(join(directory, 'model.onnx'));
});

test('a model that is not the one of its manifest stops the synthesis', () => {
  writeFileSync(join(directory, 'model.onnx'), 'another model');
  expect(() => readModelDirectory(directory)).toThrow(/model\.onnx has sha256 [0-9a-f]{64}, but .*manifest\.json says/);
});

test.each(['manifest.json', 'model.onnx'])('a directory without %s stops it too', (file) => {
  rmSync(join(directory, file));
  expect(() => readModelDirectory(directory)).toThrow(`${join(directory, file)} is missing`);
});

test('a manifest that lacks something is refused, naming it', () => {
  const { temperature: _, ...rest } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(rest));
  expect(() => readModelDirectory(directory)).toThrow(/temperature/);
});
