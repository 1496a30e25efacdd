import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readModelDirectory } from '../models/modelDirectory.ts';
import { modelArchive } from './modelArchive.ts';
import { ROOT } from './testing/testStack.ts';

const scratch = mkdtempSync(join(tmpdir(), 'archive-'));
const model = readModelDirectory(join(ROOT, 'models/ham10000-mobilenetv2'));
afterAll(() => rmSync(scratch, { recursive: true }));

test('tar unpacks the archive to the model and its manifest', () => {
  const archive = modelArchive(model, scratch);
  execFileSync('tar', ['-xzf', archive, '-C', scratch]);
  expect(readFileSync(join(scratch, 'manifest.json'))).toEqual(readFileSync(model.manifestFile));
  expect(readFileSync(join(scratch, 'model.onnx')).equals(readFileSync(model.modelFile))).toBe(true);
});

test('the same model gives the same bytes, so that nothing is deployed twice', () => {
  const [first, second] = ['a', 'b'].map((name) => readFileSync(modelArchive(model, join(scratch, name))));
  expect(first?.equals(second ?? Buffer.alloc(0))).toBe(true);
});
