import { expect, test } from 'vitest';
import { floatModel, readModelDirectory } from '../models/modelDirectory.ts';
import { tinyManifest, tinyOnnx } from '../models/testing/tinyModel.ts';
import { classesOf, parseModelManifest } from './modelManifest.ts';
import { modelView } from './modelView.ts';

test('a manifest with everything in it is shown with its intervals, groups and balanced decision', () => {
  const { manifest } = readModelDirectory(floatModel);
  const view = modelView(manifest, classesOf(manifest));
  expect(view).toMatchObject({ version: '2.0.0', views: 1, modality: { threshold: 0.399, officialTestLost: 0.0093 } });
  expect(view.measured[0]).toMatchObject({
    dataset: 'officialTest',
    balancedAccuracyInterval: { low: 0.6853, high: 0.7639 },
    adjustedBalancedAccuracy: 0.746,
  });
  expect(view.measured[0]?.recall).toContainEqual({
    code: 'mel',
    recall: 0.608,
    interval: { low: 0.538, high: 0.68 },
    adjusted: 0.649,
  });
  expect(view.subgroups.find(({ name }) => name === 'age: under 40')).toEqual({
    name: 'age: under 40',
    n: 236,
    malignant: 7,
    accuracy: 0.843,
    accuracyInterval: { low: 0.801, high: 0.89 },
    aucMalignant: 0.77,
    aucMalignantInterval: { low: 0.596, high: 0.927 },
    sensitivity: 0.714,
    specificity: 0.598,
    withoutClass: 0.004,
  });
  expect(view.trainingPrior).toHaveLength(7);
});

test('one with nothing but what it needs is shown as one view without a gate', () => {
  const manifest = parseModelManifest(tinyManifest(tinyOnnx()));
  const view = modelView(manifest, classesOf(manifest));
  expect(view).toMatchObject({ views: 1, modality: null, trainingPrior: [], subgroups: [], measured: [] });
  expect(view.operatingPoints[0]).toMatchObject({ sensitivity: 0.9, sensitivityInterval: null });
});
