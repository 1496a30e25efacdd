import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assess } from './assessment.ts';
import { parseModelManifest, viewCountOf } from './modelManifest.ts';
import { calibrate } from './probabilities.ts';

const file = new URL('../models/ham10000-mobilenetv2/manifest.json', import.meta.url);
const json = JSON.parse(readFileSync(file, 'utf8'));
const manifest = parseModelManifest(json);
const quality = { width: 600, height: 450, sharpness: 100, brightness: 150, contrast: 20 };

/** The rest goes to nv. */
function scores(of: Partial<Record<string, number>>, distance: number | null = 0.6, modality: number | null = 0.99) {
  const rest = 1 - Object.values(of).reduce((sum: number, p) => sum + (p ?? 0), 0);
  return { probabilities: manifest.classes.map((code) => of[code] ?? (code === 'nv' ? rest : 0)), distance, modality };
}

describe('triage', () => {
  test.each([
    [{ mel: 0.2 }, 'URGENT'],
    [{ bcc: 0.4 }, 'URGENT'],
    [{ mel: 0.1 }, 'SOON'],
    [{ akiec: 0.15 }, 'SOON'],
    [{ mel: 0.02, bcc: 0.02 }, 'ROUTINE'],
  ])('of %o is %s', (probabilities, triage) => {
    expect(assess(scores(probabilities), quality, manifest).assessment.triage).toBe(triage);
  });

  test('goes by the operating points, however small the first class', () => {
    const { assessment } = assess(scores({ mel: 0.2 }), quality, manifest);
    expect(assessment.operatingPoints[0]).toMatchObject({ reached: true, sensitivity: expect.any(Number) });
  });
});

describe('a photo that is foreign to the model', () => {
  const { predictions, assessment } = assess(scores({ mel: 0.95 }, 7), quality, manifest);

  test('gets no class, whatever the softmax says', () => {
    expect(predictions).toEqual([]);
    expect(assessment).toMatchObject({ triage: 'INCONCLUSIVE', confidence: 'NONE' });
    expect(assessment.malignantProbability).toBeUndefined();
  });

  test('is told why, with the measure and where its threshold comes from', () => {
    expect(assessment.notices).toMatchObject([
      {
        code: 'FAR_FROM_TRAINING',
        measure: 'distance',
        value: 7,
        threshold: 4.6,
        source: expect.stringContaining('manifest'),
      },
    ]);
  });
});

describe('a photo that is no dermoscopy', () => {
  const { threshold, doubtful = 1 } = manifest.modality!;
  const at = (modality: number | null, of: Partial<Record<string, number>> = {}) =>
    assess(scores(of, 0.6, modality), quality, manifest);

  test('gets no class, whatever the softmax says, and is told what would help', () => {
    const { predictions, assessment } = at(threshold - 0.001, { mel: 0.95 });
    expect(predictions).toEqual([]);
    expect(assessment).toMatchObject({ triage: 'INCONCLUSIVE', confidence: 'NONE', modality: threshold - 0.001 });
    expect(assessment.malignantProbability).toBeUndefined();
    expect(assessment.notices).toMatchObject([
      {
        code: 'NOT_DERMOSCOPY',
        measure: 'modality',
        threshold,
        message: expect.stringMatching(/dermatoscope.*doctor/),
      },
    ]);
  });

  test.each([
    [{}, 'SOON'],
    [{ mel: 0.1 }, 'SOON'],
    [{ mel: 0.95 }, 'URGENT'],
  ])('or may be none, and has %o, is %s and never sure: nothing may reassure', (of, triage) => {
    for (const modality of [threshold, doubtful - 0.001]) {
      const { predictions, assessment } = at(modality, of);
      expect(predictions).toHaveLength(7);
      expect(assessment).toMatchObject({ triage, confidence: 'LOW', notices: [{ code: 'MAYBE_NOT_DERMOSCOPY' }] });
    }
  });

  test('is told of at the thresholds, and not above them', () => {
    expect(at(doubtful).assessment).toMatchObject({ triage: 'ROUTINE', confidence: 'HIGH', notices: [] });
  });

  test('by a number that is none is not let through', () => {
    expect(at(Number.NaN).assessment.triage).toBe('INCONCLUSIVE');
  });

  test('is not told of by a model that does not know', () => {
    expect(at(null).assessment).toMatchObject({ triage: 'ROUTINE', modality: null, notices: [] });
  });

  test('and far from the training photos as well, is told both, and nothing weaker beside them', () => {
    const { assessment } = assess(scores({}, 9, 0.01), quality, manifest);
    expect(assessment.notices.map(({ code }) => code)).toEqual(['NOT_DERMOSCOPY', 'FAR_FROM_TRAINING']);
    const unusual = assess(scores({}, 3, 0.01), quality, manifest).assessment;
    expect(unusual.notices.map(({ code }) => code)).toEqual(['NOT_DERMOSCOPY']);
  });
});

describe('confidence', () => {
  test('is LOW where the photo is poor, though the model is sure', () => {
    const { assessment } = assess(scores({ mel: 0.95 }), { ...quality, sharpness: 5 }, manifest);
    expect(assessment).toMatchObject({ confidence: 'LOW', notices: [{ code: 'BLURRED' }] });
  });

  test('is HIGH where the model is sure and the photo good', () => {
    expect(assess(scores({ mel: 0.95 }), quality, manifest).assessment.confidence).toBe('HIGH');
  });

  test.each([
    ['another class comes near', scores({ mel: 0.85, bcc: 0.15 }), 'MEDIUM'],
    ['the photo lies in the outer 5 % of what the model knows', scores({ mel: 0.95 }, 1.7), 'MEDIUM'],
    ['the model tells no distance', scores({ mel: 0.95 }, null), 'MEDIUM'],
    ['the rest is spread over all classes', scores({ mel: 0.52, bcc: 0.12, bkl: 0.12, df: 0.12, vasc: 0.06 }), 'LOW'],
    ['two classes are as good as level', scores({ mel: 0.55, nv: 0.45 }), 'LOW'],
    ['the photo is unusual', scores({ mel: 0.95 }, 3), 'LOW'],
  ])('where %s is not', (_, given, confidence) => {
    expect(assess(given, quality, manifest).assessment.confidence).toBe(confidence);
  });
});

describe('a picture with next to nothing to see', () => {
  test.each([
    ['BLURRED', { sharpness: 1 }],
    ['TOO_DARK', { brightness: 10 }],
    ['TOO_BRIGHT', { brightness: 254 }],
    ['LOW_CONTRAST', { contrast: 1 }],
  ] as const)('gets no class but %s', (code, poor) => {
    const { predictions, assessment } = assess(scores({ mel: 0.95 }), { ...quality, ...poor }, manifest);
    expect(predictions).toEqual([]);
    expect(assessment).toMatchObject({ triage: 'INCONCLUSIVE', confidence: 'NONE', notices: [{ code }] });
  });
});

describe('a manifest', () => {
  test('that names an unknown class must describe it', () => {
    const strange = { ...json, classes: [...json.classes, 'scc'] };
    expect(() => parseModelManifest(strange)).toThrow(/class "scc".*classInfo/);
    const classInfo = { scc: { label: 'Squamous cell carcinoma', icd10: 'C44', malignant: true } };
    expect(parseModelManifest({ ...strange, classInfo }).classes).toContain('scc');
  });

  test.each([
    [1, 1],
    [4, 4],
    [8, 8],
    [{ turns: [0] }, 1],
    [{ turns: [0, 90, 180, 270], average: 'probabilities' }, 4],
    [{ turns: [0, 90, 180, 270], mirrored: true }, 8],
    [undefined, 1],
  ])('with views %j has the model see %i', (views, count) => {
    expect(viewCountOf(parseModelManifest({ ...json, views }))).toBe(count);
  });

  test.each([
    ['views that are none of 1, 4 and 8', { views: 2 }, /views/],
    ['an average that is not made here', { views: { turns: [0, 90, 180, 270], average: 'logits' } }, /views/],
    ['a gate without its output', { outputs: { logits: 'logits' } }, /thresholds, but outputs names no modality/],
    [
      'a gate that doubts less than it refuses',
      { modality: { threshold: 0.6, doubtful: 0.4 } },
      /doubtful 0.4 lies below/,
    ],
    ['an interval upside down', { metrics: { test: { n: 1, interval95: { accuracy: [0.9, 0.8] } } } }, /lower end/],
  ])('with %s is refused', (_, wrong, message) => {
    expect(() => parseModelManifest({ ...json, ...wrong })).toThrow(message);
  });

  test('that lacks something is told what', () => {
    const { temperature: _, ...lacking } = json;
    expect(() => parseModelManifest(lacking)).toThrow(/temperature/);
  });
});

test('calibrated probabilities sum to one, and a hotter temperature flattens them', () => {
  const cold = calibrate([4, 2, 1], 1);
  const hot = calibrate([4, 2, 1], 2);
  expect(cold.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  expect(hot[0]).toBeLessThan(cold[0]!);
  expect(() => calibrate([Number.NaN, 1], 1)).toThrow(/finite/);
});
