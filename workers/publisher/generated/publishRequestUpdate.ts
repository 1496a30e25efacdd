// Generated from schema.graphql by `npm run codegen`. Do not edit.
export const publishRequestUpdate = `mutation PublishRequestUpdate($request: AWSJSON!) {
  publishRequestUpdate(request: $request) {
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
  }
}`;
