import type { Request, RequestStatus } from '../request.ts';

/** A request as the API gives it, all that is unknown null. */
export function aRequest(fields: Partial<Request> = {}): Request {
  return {
    requestId: '11111111-1111-5111-8111-111111111111',
    owner: 'cognito#alice',
    status: 'PENDING',
    version: 1,
    submittedAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-31T00:00:00.000Z',
    describe: true,
    locale: 'en',
    reference: null,
    attempt: 0,
    timeline: [],
    predictions: [],
    assessment: null,
    heatmap: null,
    imageQuality: null,
    model: null,
    description: null,
    timings: null,
    error: null,
    disclaimer: 'This is not a diagnosis.',
    ...fields,
  };
}

const life: RequestStatus[] = ['PENDING', 'PROCESSING', 'AWAITING_DESCRIPTION', 'COMPLETED'];

/** The versions that a request goes through on its good way. */
export function aLife(requestId = aRequest().requestId): Request[] {
  return life.map((status, at) => aRequest({ requestId, status, version: at + 1 }));
}

/** A request that has everything a result can have. */
export function aCompletedRequest(): Request {
  return aRequest({
    status: 'COMPLETED',
    version: 4,
    reference: 'ISIC_0034634.jpg',
    updatedAt: '2026-01-01T00:00:02.500Z',
    attempt: 1,
    timeline: [
      { status: 'PENDING', at: '2026-01-01T00:00:00.000Z' },
      { status: 'COMPLETED', at: '2026-01-01T00:00:02.500Z' },
    ],
    predictions: [
      { code: 'mel', label: 'Melanoma', probability: 0.5, icd10: 'C43', malignant: true },
      { code: 'nv', label: 'Melanocytic nevus', probability: 0.4375, icd10: 'D22', malignant: false },
      { code: 'vasc', label: 'Vascular lesion', probability: 0.0625, icd10: null, malignant: false },
    ],
    assessment: {
      triage: 'SOON',
      malignantProbability: 0.5,
      confidence: 'LOW',
      margin: 0.0625,
      entropy: 0.6,
      modality: 0.97,
      distance: 0.7,
      operatingPoints: [
        {
          name: 'malignant-95',
          score: 0.5,
          threshold: 0.0875,
          reached: true,
          sensitivity: 0.932,
          specificity: 0.677,
        },
        { name: 'malignant-80', score: 0.5, threshold: 0.6, reached: false, sensitivity: 0.7, specificity: null },
      ],
      notices: [
        {
          code: 'BLURRED',
          message: 'The photo is blurred.',
          measure: 'variance of the Laplacian',
          value: 12.3456,
          threshold: 30,
          source: '1st percentile of the training photos',
        },
      ],
    },
    heatmap: { rows: 2, columns: 2, values: [0, 0.3, 0.6, 1], left: 75, top: 0, size: 450 },
    imageQuality: { width: 600, height: 450, sharpness: 12.3, brightness: 120, contrast: 40 },
    model: { name: 'ham10000-mobilenetv2', version: '2.1.0' },
    description: {
      text: 'A doctor should look at it soon.',
      source: 'template',
      language: 'en',
      input: 'handover',
      model: null,
      fallbackReason: 'no_key',
    },
    timings: { queued: 40, fetch: 5, decode: 6, inference: 11, total: null },
  });
}
