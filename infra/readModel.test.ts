import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { referenceModel } from '../models/modelDirectory.ts';
import { readModel } from './readModel.ts';
import { SetupError } from './setupError.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'model-'));
  cpSync(referenceModel, directory, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a model that is not the one of its manifest stops the synthesis', () => {
  writeFileSync(join(directory, 'model.onnx'), 'another model');
  expect(() => readModel(directory)).toThrow(SetupError);
  expect(() => readModel(directory)).toThrow(/model\.onnx has 13 bytes, the manifest says/);
});

test('a directory without a model stops it too', () => {
  rmSync(join(directory, 'model.onnx'));
  expect(() => readModel(directory)).toThrow(SetupError);
});
