import { expect, test } from 'vitest';
import { noticeCodeValues } from './generated/enums.ts';
import type { NoticeCode } from './generated/schema.ts';
import type { ModelManifest } from './modelManifest.ts';
import { findingsOf } from './notices.ts';

const quality = { width: 600, height: 450, sharpness: 100, brightness: 150, contrast: 20 };
const fine = { margin: 0.9, distance: 1, modality: 0.9, quality };

/** What gets each notice, beside a photo that gets none. */
const examples: Record<NoticeCode, Partial<typeof fine>> = {
  NOT_DERMOSCOPY: { modality: 0.1 },
  MAYBE_NOT_DERMOSCOPY: { modality: 0.5 },
  FAR_FROM_TRAINING: { distance: 9 },
  UNUSUAL: { distance: 3 },
  BLURRED: { quality: { ...quality, sharpness: 5 } },
  TOO_DARK: { quality: { ...quality, brightness: 50 } },
  TOO_BRIGHT: { quality: { ...quality, brightness: 240 } },
  LOW_CONTRAST: { quality: { ...quality, contrast: 5 } },
  TOO_SMALL: { quality: { ...quality, height: 20 } },
  AMBIGUOUS: { margin: 0.1 },
};

const manifest = {
  ...{ name: 'test', version: '1', distance: { unusual: 2, foreign: 4 }, modality: { threshold: 0.3, doubtful: 0.7 } },
  input: { width: 160, height: 160 },
} as ModelManifest;

test('a photo that nothing is wrong with gets no notice', () => {
  expect(findingsOf(fine, manifest).notices).toEqual([]);
});

test.each(noticeCodeValues)('something gets the notice %s, and nothing else with it', (code) => {
  const { notices } = findingsOf({ ...fine, ...examples[code] }, manifest);
  expect(notices.map((notice) => notice.code)).toEqual([code]);
});
