import { describe, expect, test } from 'vitest';
import type { Classification } from '../../classifier/classifier.ts';
import type { Confidence, Triage } from '../../core/generated/schema.ts';
import type { ModelManifest } from '../../core/modelManifest.ts';
import type { Evaluated } from '../evaluate/classifyLabelled.ts';
import type { EvaluatedSet } from '../evaluate/sets.ts';
import { compareSet, type Side } from './compare.ts';

const manifest = { classes: ['mel', 'nv'], operatingPoints: [] } as unknown as ModelManifest;

interface Answer {
  dx: string;
  /** Of melanoma. */
  probability: number;
  triage?: Triage;
  confidence?: Confidence;
}

function photo({ dx, probability, triage = 'SOON', confidence = 'MEDIUM' }: Answer, index: number): Evaluated {
  const assessment = { triage, confidence, notices: [] };
  const scores = { probabilities: [probability, 1 - probability], distance: null, modality: null };
  const classification = { result: { assessment, predictions: [] }, scores } as unknown as Classification;
  return { imageId: `photo-${index}`, dx, attributes: {}, classification, milliseconds: 1 };
}

function side(answers: Answer[], labelled = true): Side {
  const answered = answers.map(photo);
  const set: EvaluatedSet = { name: 'photos', answered, evaluated: labelled ? answered : [], stability: [] };
  return { manifest, set };
}

const both = (mel: Partial<Answer>, nv: Partial<Answer>) =>
  Array.from({ length: 40 }, (_, index): Answer[] => [
    { dx: 'mel', probability: 0.9 - index / 200, ...mel },
    { dx: 'nv', probability: 0.1 + index / 200, ...nv },
  ]).flat();
const broken = (before: Side, after: Side) =>
  compareSet(before, after).flatMap(({ what, holds }) => (holds ? [] : [what]));

describe('a new model may take the place of the old', () => {
  test('where it says the same', () => expect(broken(side(both({}, {})), side(both({}, {})))).toEqual([]));

  test('and not where it can tell the classes no more', () => {
    const blind = side(both({ probability: 0.5 }, { probability: 0.5 }));
    expect(broken(side(both({}, {})), blind)).toContain('AUC malignant');
  });

  test('and not where it lets one more melanoma pass as ROUTINE', () => {
    const answers = both({}, {});
    const after = answers.map((answer, index) => (index === 0 ? { ...answer, triage: 'ROUTINE' as const } : answer));
    expect(broken(side(answers), side(after))).toEqual(['malignant or pre-malignant, and ROUTINE']);
  });

  test('and not where it withholds more good photos than it may', () => {
    const after = both({ triage: 'INCONCLUSIVE' }, {});
    expect(broken(side(both({}, {})), side(after))).toEqual(['without a class']);
  });

  test('and not where it is surer of photos of which nobody knows what they show', () => {
    const foreign = both({ triage: 'INCONCLUSIVE' }, { triage: 'INCONCLUSIVE' });
    const surer = both({ triage: 'URGENT', confidence: 'HIGH' }, { triage: 'INCONCLUSIVE' });
    expect(broken(side(foreign, false), side(foreign, false))).toEqual([]);
    expect(broken(side(foreign, false), side(surer, false))).toEqual(['without a class', 'confidence HIGH']);
  });
});
