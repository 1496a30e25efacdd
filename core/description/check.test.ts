import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localeValues } from '../generated/enums.ts';
import { aResult } from '../testing/requests.ts';
import { briefingOf, handoverOf, rebuiltHandoverOf } from './briefing.ts';
import { checkDescription } from './check.ts';
import { describeByTemplate } from './template.ts';

const briefing = briefingOf(handoverOf(aResult()), 'en');
const must = `${briefing.triageStatement} ${briefing.disclaimer}`;

describe('a description of the LLM', () => {
  test('may be shown if it carries triage wording and disclaimer and stays with the predictions', () => {
    expect(checkDescription(`The model thinks of a melanocytic nevus, a mole. ${must}`, briefing)).toBeNull();
  });

  test.each([
    ['the triage wording', `A mole. ${briefing.disclaimer}`, /triage/],
    ['the disclaimer', `A mole. ${briefing.triageStatement}`, /disclaimer/],
  ])('is refused without %s', (_, text, reason) => {
    expect(checkDescription(text, briefing)).toMatch(reason);
  });

  test.each(['basal cell carcinoma', 'Plattenepithelkarzinom', 'psoriasis', 'dermatofibroma', 'Merkel cell carcinoma'])(
    'is refused if it names %s, which is not among the predictions',
    (condition) => expect(checkDescription(`It may be ${condition}. ${must}`, briefing)).toMatch(/not among/),
  );

  test.each([
    'You do not have cancer.',
    'You have a melanoma.',
    'Sie haben keinen Hautkrebs.',
    'There is no need to see a doctor.',
  ])('is refused if it says what only a doctor may: %s', (verdict) =>
    expect(checkDescription(`${verdict} ${must}`, briefing)).toMatch(/diagnosis/),
  );

  test.each(['e', 'a', 'can', 'AK'])('is refused so even where a class is called %s', (label) => {
    const own = { ...briefing, predictions: [{ label, probability: 1, malignant: false }] };
    expect(checkDescription(`You have cancer. ${must}`, own)).toMatch(/diagnosis/);
    expect(checkDescription(`It may be psoriasis. ${must}`, own)).toMatch(/not among/);
  });

  test.each(['Hemangioma', 'Psoriasis', 'Squamous cell carcinoma', 'Cherry angioma (benign)', 'Nevus'])(
    'of a foreign model may name its class %s, in any case and number',
    (label) => {
      const own = { ...briefing, predictions: [{ label, probability: 1, malignant: false }] };
      for (const name of [label, label.toLowerCase(), label.toUpperCase(), `${label}s`]) {
        expect(checkDescription(`It may be one of the kind ${name}. ${must}`, own)).toBeNull();
      }
    },
  );

  test('that may name one foreign class may not name another', () => {
    const own = { ...briefing, predictions: [{ label: 'Psoriasis', probability: 1, malignant: false }] };
    expect(checkDescription(`Psoriasis, or Merkel cell carcinoma. ${must}`, own)).toMatch(/not among/);
  });

  test('is refused if it rambles', () => {
    expect(checkDescription(`${'A mole. '.repeat(400)}${must}`, briefing)).toBe('too long');
  });
});

describe('the template', () => {
  test.each(localeValues)('passes the check it stands in for, in %s', (locale) => {
    const own = briefingOf(handoverOf(aResult()), locale);
    expect(checkDescription(describeByTemplate(own), own)).toBeNull();
  });

  test('names no class where none is shown', () => {
    const { assessment, imageQuality } = aResult();
    const foreign = { ...assessment, triage: 'INCONCLUSIVE' as const, malignantProbability: null };
    const text = describeByTemplate(
      briefingOf(handoverOf({ predictions: [], assessment: foreign, imageQuality }), 'en'),
    );
    expect(text).toBe(
      'This photo allows no statement. Take another one, or show the lesion to a doctor. This is not a diagnosis. Only a doctor who examines the skin can make one.',
    );
  });

  test('says the same from a rebuilt hand-over', () => {
    expect(describeByTemplate(briefingOf(rebuiltHandoverOf(aResult()), 'en'))).toBe(describeByTemplate(briefing));
  });

  test.each(localeValues)('passes it too with classes of a foreign model, whatever their labels, in %s', (locale) => {
    const foreign = ['Hemangioma', 'Psoriasis', 'Merkel cell carcinoma', 'You have cancer', 'no need to see a doctor'];
    // A label stands in a sentence: what has no letters, or spaces at its ends, is none.
    const label = fc.oneof(
      fc.constantFrom(...foreign),
      fc.string({ maxLength: 60 }).filter((one) => one === one.trim()),
    );
    const property = fc.property(fc.uniqueArray(label, { minLength: 1, maxLength: 7 }), (labels) => {
      const predictions = labels.map((one) => ({ label: one, probability: 1 / labels.length, malignant: false }));
      const own = { ...briefingOf(handoverOf(aResult()), locale), predictions };
      expect(checkDescription(describeByTemplate(own), own)).toBeNull();
    });
    fc.assert(property, { seed: 7, numRuns: 200 });
  });
});
