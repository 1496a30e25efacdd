import { expect, test } from 'vitest';
import { importsAgainstTheArrows } from './arrows.ts';

const offencesOf = (file: string, source: string) => importsAgainstTheArrows([file], () => source);

test.each([
  ["import { x } from '../local/x.ts';"],
  ["import '../local/x.ts';"],
  ["export { x } from '../local/x.ts';"],
  ["export * from '../local/x.ts';"],
  ["const x = await import('../local/x.ts');"],
  ["const x = require('../local/x.ts');"],
  ["import type { X } from '../local/x.ts';"],
  ["type X = import('../local/x.ts').X;"],
])('an import against the arrows is seen in every form: %s', (source) => {
  expect(offencesOf('core/file.ts', source)).toEqual([
    'core/file.ts imports ../local/x.ts: core/ may not import local/',
  ]);
});

test('an import along the arrows, of the same room or of a package, is fine', () => {
  const source = "import './a.ts'; import '../core/b.ts'; import 'ioredis'; // import '../local/c.ts'";
  expect(offencesOf('adapters/file.ts', source)).toEqual([]);
});

test('a room of which only types may be imported gives no code', () => {
  expect(offencesOf('infra/file.ts', "import type { X } from '../workers/x.ts';")).toEqual([]);
  expect(offencesOf('infra/file.ts', "import { x } from '../workers/x.ts';")).toHaveLength(1);
});

test('a room that nobody listed is refused', () => {
  expect(offencesOf('attic/file.ts', '')).toEqual([
    'attic/file.ts: the room attic/ is not listed in tools/whoImportsWhom.ts',
  ]);
});

test('only tests import what is for testing', () => {
  const source = "import '../core/testing/requests.ts';";
  expect(offencesOf('adapters/file.ts', source)).toHaveLength(1);
  expect(offencesOf('adapters/file.test.ts', source)).toEqual([]);
  expect(offencesOf('adapters/testing/file.ts', source)).toEqual([]);
  expect(offencesOf('test/e2e/file.ts', source)).toEqual([]);
});

test('the core is pure: no package but those that compute', () => {
  expect(offencesOf('core/file.ts', "import { readFileSync } from 'node:fs';")).toHaveLength(1);
  expect(offencesOf('core/file.ts', "import * as z from 'zod/mini';")).toEqual([]);
});
