// Generated from schema.graphql by `npm run codegen`. Do not edit.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type CreateUploadInput = {
  /** image/jpeg, image/png or image/webp. image/jpg is understood as image/jpeg. */
  contentType: string;
  /** Bytes, at most 20 MB (20,971,520). The upload must be exactly as long. */
  contentLength: number;
};

/** Languages that a description can be written in. */
export type Locale =
  | 'en'
  | 'de'
  | 'es'
  | 'fr';

export type SubmitRequestInput = {
  imageKey: string;
  /** Ask for a description in plain language beside the numbers. Not given: false. */
  describe?: boolean | null | undefined;
  /** Language of the description. Not given: en. */
  locale?: Locale | null | undefined;
  /** A UUID that you choose: makes submitting again harmless. Sent again with another input: Conflict. */
  clientToken?: string | null | undefined;
  /** Your own short name for the photo: at most 64 of A-Z a-z 0-9 . _ - */
  reference?: string | null | undefined;
};

export type RequestStatus =
  /** Accepted and queued. */
  | 'PENDING'
  /** The photo is being classified. */
  | 'PROCESSING'
  /** The numbers are there; the description is being written. */
  | 'AWAITING_DESCRIPTION'
  | 'COMPLETED'
  | 'FAILED'
  | 'CANCELLED'
  | 'DELETED';

/** How soon a doctor should see the lesion, by the model's measured operating points. Not a diagnosis. */
export type Triage =
  /** Above the model's most specific operating point. */
  | 'URGENT'
  /** Above its most sensitive operating point; or below it, but the photo may be no dermoscopy, so that nothing may reassure. */
  | 'SOON'
  /** Below every operating point. */
  | 'ROUTINE'
  /** The photo is too unlike what the model was trained on, or too poor, to say anything. */
  | 'INCONCLUSIVE';

export type Confidence =
  | 'HIGH'
  | 'MEDIUM'
  | 'LOW'
  | 'NONE';

export type NoticeCode =
  | 'NOT_DERMOSCOPY'
  | 'MAYBE_NOT_DERMOSCOPY'
  | 'FAR_FROM_TRAINING'
  | 'UNUSUAL'
  | 'BLURRED'
  | 'TOO_DARK'
  | 'TOO_BRIGHT'
  | 'LOW_CONTRAST'
  | 'TOO_SMALL'
  | 'AMBIGUOUS';

export type DescriptionSource =
  | 'openai'
  | 'template';

export type DescriptionInput =
  /** Everything the model said, handed over by the inference worker. */
  | 'handover'
  /** The hand-over was lost: rebuilt from the stored result, without distance and image quality. */
  | 'rebuilt';

export type CancelRequestMutationVariables = Exact<{
  requestId: string;
}>;


export type CancelRequestMutation = { cancelRequest: RequestFieldsFragment };

export type CreateUploadMutationVariables = Exact<{
  input: CreateUploadInput;
}>;


export type CreateUploadMutation = { createUpload: { imageKey: string, url: string, expiresAt: string, fields: Array<{ name: string, value: string }> } };

export type DeleteRequestMutationVariables = Exact<{
  requestId: string;
}>;


export type DeleteRequestMutation = { deleteRequest: RequestFieldsFragment };

export type GetModelQueryVariables = Exact<{ [key: string]: never; }>;


export type GetModelQuery = { getModel: ModelFieldsFragment };

export type GetResultQueryVariables = Exact<{
  requestId: string;
}>;


export type GetResultQuery = { getResult: RequestFieldsFragment | null };

export type ListRequestsQueryVariables = Exact<{
  limit?: number | null | undefined;
  nextToken?: string | null | undefined;
}>;


export type ListRequestsQuery = { listRequests: { nextToken: string | null, items: Array<RequestFieldsFragment> } };

export type OnRequestUpdatedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type OnRequestUpdatedSubscription = { onRequestUpdated: RequestFieldsFragment | null };

export type RetryRequestMutationVariables = Exact<{
  requestId: string;
}>;


export type RetryRequestMutation = { retryRequest: RequestFieldsFragment };

export type SubmitRequestMutationVariables = Exact<{
  input: SubmitRequestInput;
}>;


export type SubmitRequestMutation = { submitRequest: RequestFieldsFragment };

export type RequestFieldsFragment = { requestId: string, owner: string, status: RequestStatus, version: number, submittedAt: string | null, updatedAt: string | null, expiresAt: string | null, describe: boolean | null, locale: Locale | null, reference: string | null, attempt: number | null, disclaimer: string, timeline: Array<{ status: RequestStatus, at: string }> | null, predictions: Array<{ code: string, label: string, probability: number, icd10: string | null, malignant: boolean }> | null, assessment: { triage: Triage, malignantProbability: number | null, confidence: Confidence, margin: number | null, entropy: number | null, distance: number | null, modality: number | null, operatingPoints: Array<{ name: string, score: number, threshold: number, reached: boolean, sensitivity: number | null, specificity: number | null }>, notices: Array<{ code: NoticeCode, message: string, measure: string, value: number, threshold: number, source: string }> } | null, heatmap: { rows: number, columns: number, values: Array<number>, left: number, top: number, size: number } | null, imageQuality: { width: number, height: number, sharpness: number, brightness: number, contrast: number } | null, model: { name: string, version: string } | null, description: { text: string, source: DescriptionSource, language: Locale, input: DescriptionInput, model: string | null, fallbackReason: string | null } | null, timings: { queued: number | null, fetch: number | null, decode: number | null, inference: number | null, total: number | null } | null, error: { code: string, message: string, retryable: boolean } | null };

export type ModelFieldsFragment = { name: string, version: string, views: number, trainedOn: string | null, license: string | null, intendedUse: string, classes: Array<{ code: string, label: string, icd10: string | null, malignant: boolean }>, operatingPoints: Array<{ name: string, classes: Array<string>, threshold: number, sensitivity: number | null, specificity: number | null, sensitivityInterval: { low: number, high: number } | null, specificityInterval: { low: number, high: number } | null }>, measured: Array<{ dataset: string, n: number, accuracy: number | null, balancedAccuracy: number | null, ece: number | null, aucMalignant: number | null, aucMelanoma: number | null, adjustedAccuracy: number | null, adjustedBalancedAccuracy: number | null, accuracyInterval: { low: number, high: number } | null, balancedAccuracyInterval: { low: number, high: number } | null, eceInterval: { low: number, high: number } | null, aucMalignantInterval: { low: number, high: number } | null, aucMelanomaInterval: { low: number, high: number } | null, adjustedAccuracyInterval: { low: number, high: number } | null, adjustedBalancedAccuracyInterval: { low: number, high: number } | null, recall: Array<{ code: string, recall: number, adjusted: number | null, interval: { low: number, high: number } | null }> }>, modality: { threshold: number, doubtful: number | null, officialTestLost: number | null, officialTestDoubtful: number | null, phonePhotosWithoutClass: number | null } | null, trainingPrior: Array<{ code: string, share: number }>, subgroups: Array<{ name: string, n: number, malignant: number | null, accuracy: number | null, aucMalignant: number | null, sensitivity: number | null, specificity: number | null, withoutClass: number | null, accuracyInterval: { low: number, high: number } | null, aucMalignantInterval: { low: number, high: number } | null }> };

type GeneratedQuery<Variables, Result> = string & {
  __generatedQueryInput: Variables;
  __generatedQueryOutput: Result;
};

type GeneratedMutation<Variables, Result> = string & {
  __generatedMutationInput: Variables;
  __generatedMutationOutput: Result;
};

type GeneratedSubscription<Variables, Result> = string & {
  __generatedSubscriptionInput: Variables;
  __generatedSubscriptionOutput: Result;
};

const requestFields = `fragment RequestFields on Request {
  requestId
  owner
  status
  version
  submittedAt
  updatedAt
  expiresAt
  describe
  locale
  reference
  attempt
  timeline {
    status
    at
  }
  predictions {
    code
    label
    probability
    icd10
    malignant
  }
  assessment {
    triage
    malignantProbability
    confidence
    margin
    entropy
    distance
    modality
    operatingPoints {
      name
      score
      threshold
      reached
      sensitivity
      specificity
    }
    notices {
      code
      message
      measure
      value
      threshold
      source
    }
  }
  heatmap {
    rows
    columns
    values
    left
    top
    size
  }
  imageQuality {
    width
    height
    sharpness
    brightness
    contrast
  }
  model {
    name
    version
  }
  description {
    text
    source
    language
    input
    model
    fallbackReason
  }
  timings {
    queued
    fetch
    decode
    inference
    total
  }
  error {
    code
    message
    retryable
  }
  disclaimer
}`;

const modelFields = `fragment ModelFields on Model {
  name
  version
  classes {
    code
    label
    icd10
    malignant
  }
  operatingPoints {
    name
    classes
    threshold
    sensitivity
    specificity
    sensitivityInterval {
      low
      high
    }
    specificityInterval {
      low
      high
    }
  }
  measured {
    dataset
    n
    accuracy
    balancedAccuracy
    ece
    aucMalignant
    aucMelanoma
    accuracyInterval {
      low
      high
    }
    balancedAccuracyInterval {
      low
      high
    }
    eceInterval {
      low
      high
    }
    aucMalignantInterval {
      low
      high
    }
    aucMelanomaInterval {
      low
      high
    }
    adjustedAccuracy
    adjustedBalancedAccuracy
    adjustedAccuracyInterval {
      low
      high
    }
    adjustedBalancedAccuracyInterval {
      low
      high
    }
    recall {
      code
      recall
      interval {
        low
        high
      }
      adjusted
    }
  }
  views
  modality {
    threshold
    doubtful
    officialTestLost
    officialTestDoubtful
    phonePhotosWithoutClass
  }
  trainingPrior {
    code
    share
  }
  subgroups {
    name
    n
    malignant
    accuracy
    accuracyInterval {
      low
      high
    }
    aucMalignant
    aucMalignantInterval {
      low
      high
    }
    sensitivity
    specificity
    withoutClass
  }
  trainedOn
  license
  intendedUse
}`;

export const cancelRequest = `mutation CancelRequest($requestId: ID!) {
  cancelRequest(requestId: $requestId) {
    ...RequestFields
  }
}

${requestFields}` as GeneratedMutation<CancelRequestMutationVariables, CancelRequestMutation>;

export const createUpload = `mutation CreateUpload($input: CreateUploadInput!) {
  createUpload(input: $input) {
    imageKey
    url
    fields {
      name
      value
    }
    expiresAt
  }
}` as GeneratedMutation<CreateUploadMutationVariables, CreateUploadMutation>;

export const deleteRequest = `mutation DeleteRequest($requestId: ID!) {
  deleteRequest(requestId: $requestId) {
    ...RequestFields
  }
}

${requestFields}` as GeneratedMutation<DeleteRequestMutationVariables, DeleteRequestMutation>;

export const getModel = `query GetModel {
  getModel {
    ...ModelFields
  }
}

${modelFields}` as GeneratedQuery<GetModelQueryVariables, GetModelQuery>;

export const getResult = `query GetResult($requestId: ID!) {
  getResult(requestId: $requestId) {
    ...RequestFields
  }
}

${requestFields}` as GeneratedQuery<GetResultQueryVariables, GetResultQuery>;

export const listRequests = `query ListRequests($limit: Int, $nextToken: String) {
  listRequests(limit: $limit, nextToken: $nextToken) {
    items {
      ...RequestFields
    }
    nextToken
  }
}

${requestFields}` as GeneratedQuery<ListRequestsQueryVariables, ListRequestsQuery>;

export const onRequestUpdated = `subscription OnRequestUpdated {
  onRequestUpdated {
    ...RequestFields
  }
}

${requestFields}` as GeneratedSubscription<OnRequestUpdatedSubscriptionVariables, OnRequestUpdatedSubscription>;

export const retryRequest = `mutation RetryRequest($requestId: ID!) {
  retryRequest(requestId: $requestId) {
    ...RequestFields
  }
}

${requestFields}` as GeneratedMutation<RetryRequestMutationVariables, RetryRequestMutation>;

export const submitRequest = `mutation SubmitRequest($input: SubmitRequestInput!) {
  submitRequest(input: $input) {
    ...RequestFields
  }
}

${requestFields}` as GeneratedMutation<SubmitRequestMutationVariables, SubmitRequestMutation>;