import type { Processing, Result } from '../request.ts';
import { type Submission, submit, take } from '../transitions.ts';

/** Seconds after a fixed moment. */
export function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
}

export function aSubmission(overrides: Partial<Submission> = {}): Submission {
  return {
    requestId: '7f0c2a9e-0000-4000-8000-000000000001',
    owner: 'cognito#alice',
    image: { key: 'uploads/cognito/alice/1', etag: '"abc"', bytes: 1000 },
    describe: false,
    locale: 'en',
    ...overrides,
  };
}

export function processing(overrides: Partial<Submission> = {}): Processing {
  return take(submit(aSubmission(overrides), 30, at(0)), 'message-1', at(1));
}

export function aResult(): Result {
  return {
    predictions: [
      { code: 'nv', label: 'Melanocytic nevus', icd10: 'D22', malignant: false, probability: 0.9 },
      { code: 'mel', label: 'Melanoma', icd10: 'C43', malignant: true, probability: 0.1 },
    ],
    assessment: {
      triage: 'SOON',
      malignantProbability: 0.1,
      confidence: 'HIGH',
      margin: 0.8,
      entropy: 0.3,
      distance: 0.6,
      operatingPoints: [],
      notices: [],
    },
    imageQuality: { width: 600, height: 450, sharpness: 100, brightness: 150, contrast: 20 },
    model: { name: 'test', version: '1' },
    timings: { queued: 5, fetch: 1, decode: 3, inference: 7, total: 20 },
  };
}
