// Generated from schema.graphql by `npm run codegen`. Do not edit.
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  AWSDateTime: { input: string; output: string; }
  AWSURL: { input: string; output: string; }
  AWSJSON: { input: string; output: unknown; }
};

export type Mutation = {
  /** Where to send a photo: an S3 presigned POST, valid for a few minutes, for exactly this type and size. */
  createUpload: Upload;
  /** Queue an uploaded photo for classification. The same clientToken again, or the same imageKey without one, returns the same request. A photo is for one request: it is deleted when that has its result. */
  submitRequest: Request;
  /** Stop a request that has not ended. Its photo is deleted. Once more does no harm. */
  cancelRequest: Request;
  /** Run a FAILED request again, under the same id. Its photo is kept for up to 24 hours. Once more does no harm. */
  retryRequest: Request;
  /** Erase a request: photo, result and all. What is left (id and version) goes within 24 hours. Once more does no harm. */
  deleteRequest: Request;
  /** The publisher's alone: turns a change in the table into a push to the request's owner. */
  publishRequestUpdate: Request;
};


export type MutationCreateUploadArgs = {
  input: CreateUploadInput;
};


export type MutationSubmitRequestArgs = {
  input: SubmitRequestInput;
};


export type MutationCancelRequestArgs = {
  requestId: Scalars['ID']['input'];
};


export type MutationRetryRequestArgs = {
  requestId: Scalars['ID']['input'];
};


export type MutationDeleteRequestArgs = {
  requestId: Scalars['ID']['input'];
};


export type MutationPublishRequestUpdateArgs = {
  request: Scalars['AWSJSON']['input'];
};

export type Query = {
  /** One of your requests; null if there is no such request of yours. */
  getResult?: Maybe<Request>;
  /** Your requests, newest first. limit: 1 to 100, 20 if not given. */
  listRequests: RequestPage;
  /** The model that answers now: its classes, what was measured of it, what it is for. */
  getModel: Model;
};


export type QueryGetResultArgs = {
  requestId: Scalars['ID']['input'];
};


export type QueryListRequestsArgs = {
  limit?: InputMaybe<Scalars['Int']['input']>;
  nextToken?: InputMaybe<Scalars['String']['input']>;
};

export type Subscription = {
  /** Every change of your requests, or of one of them. The owner filter is set on the server. */
  onRequestUpdated?: Maybe<Request>;
};


export type SubscriptionOnRequestUpdatedArgs = {
  requestId?: InputMaybe<Scalars['ID']['input']>;
};

export type CreateUploadInput = {
  /** image/jpeg, image/png or image/webp. image/jpg is understood as image/jpeg. */
  contentType: Scalars['String']['input'];
  /** Bytes, at most 20 MB (20,971,520). The upload must be exactly as long. */
  contentLength: Scalars['Int']['input'];
};

export type Upload = {
  /** Hand this to submitRequest. Only you can. */
  imageKey: Scalars['ID']['output'];
  /** Send a multipart/form-data POST here: the fields, in this order, then the photo as `file`. */
  url: Scalars['AWSURL']['output'];
  fields: Array<UploadField>;
  expiresAt: Scalars['AWSDateTime']['output'];
};

export type UploadField = {
  name: Scalars['String']['output'];
  value: Scalars['String']['output'];
};

/** Languages that a description can be written in. */
export type Locale =
  | 'en'
  | 'de'
  | 'es'
  | 'fr';

export type SubmitRequestInput = {
  imageKey: Scalars['ID']['input'];
  /** Ask for a description in plain language beside the numbers. Not given: false. */
  describe?: InputMaybe<Scalars['Boolean']['input']>;
  /** Language of the description. Not given: en. */
  locale?: InputMaybe<Locale>;
  /** A UUID that you choose: makes submitting again harmless. Sent again with another input: Conflict. */
  clientToken?: InputMaybe<Scalars['ID']['input']>;
  /** Your own short name for the photo: at most 64 of A-Z a-z 0-9 . _ - */
  reference?: InputMaybe<Scalars['String']['input']>;
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

export type Request = {
  requestId: Scalars['ID']['output'];
  owner: Scalars['String']['output'];
  status: RequestStatus;
  /** Grows by one with every change: the higher one is the newer. */
  version: Scalars['Int']['output'];
  submittedAt?: Maybe<Scalars['AWSDateTime']['output']>;
  updatedAt?: Maybe<Scalars['AWSDateTime']['output']>;
  /** When the request and its result are erased. */
  expiresAt?: Maybe<Scalars['AWSDateTime']['output']>;
  describe?: Maybe<Scalars['Boolean']['output']>;
  locale?: Maybe<Locale>;
  reference?: Maybe<Scalars['String']['output']>;
  /** How often a worker has taken this request up. */
  attempt?: Maybe<Scalars['Int']['output']>;
  timeline?: Maybe<Array<TimelineEntry>>;
  /** Every class, most probable first. Empty while unknown, and where the photo is INCONCLUSIVE. */
  predictions?: Maybe<Array<Prediction>>;
  assessment?: Maybe<Assessment>;
  heatmap?: Maybe<Heatmap>;
  imageQuality?: Maybe<ImageQuality>;
  model?: Maybe<ModelReference>;
  description?: Maybe<Description>;
  timings?: Maybe<StageTimings>;
  /** Why the request FAILED. */
  error?: Maybe<RequestError>;
  /** This is no diagnosis. */
  disclaimer: Scalars['String']['output'];
};

export type TimelineEntry = {
  status: RequestStatus;
  at: Scalars['AWSDateTime']['output'];
};

export type Prediction = {
  /** The class as the model names it, e.g. mel. */
  code: Scalars['String']['output'];
  label: Scalars['String']['output'];
  /** Calibrated; all of a request sum to 1. */
  probability: Scalars['Float']['output'];
  icd10?: Maybe<Scalars['String']['output']>;
  /** Malignant or pre-malignant. */
  malignant: Scalars['Boolean']['output'];
};

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

export type Assessment = {
  triage: Triage;
  /** Sum over the malignant and pre-malignant classes; null where INCONCLUSIVE. */
  malignantProbability?: Maybe<Scalars['Float']['output']>;
  confidence: Confidence;
  /** Most probable minus second. */
  margin?: Maybe<Scalars['Float']['output']>;
  /** Shannon entropy of the probabilities over its maximum, 0 (certain) to 1 (no idea). */
  entropy?: Maybe<Scalars['Float']['output']>;
  /** How far the photo lies from the training photos, in the model's own measure. */
  distance?: Maybe<Scalars['Float']['output']>;
  /** The model's own probability, 0 to 1, that the photo is dermoscopy; null if the model tells none. */
  modality?: Maybe<Scalars['Float']['output']>;
  /** The operating points that decided the triage, those reached first. */
  operatingPoints: Array<OperatingPointResult>;
  notices: Array<Notice>;
};

export type OperatingPointResult = {
  name: Scalars['String']['output'];
  /** Sum of the probabilities of the point's classes. */
  score: Scalars['Float']['output'];
  threshold: Scalars['Float']['output'];
  reached: Scalars['Boolean']['output'];
  /** As measured on the official test set where there is one, else on validation data. */
  sensitivity?: Maybe<Scalars['Float']['output']>;
  specificity?: Maybe<Scalars['Float']['output']>;
};

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

/** A reason to trust the result less, with the measure behind it. */
export type Notice = {
  code: NoticeCode;
  message: Scalars['String']['output'];
  measure: Scalars['String']['output'];
  value: Scalars['Float']['output'];
  threshold: Scalars['Float']['output'];
  /** Where the threshold comes from. */
  source: Scalars['String']['output'];
};

/** Where the model looked: its activation map for the most probable class, 0 to 1, row by row. */
export type Heatmap = {
  rows: Scalars['Int']['output'];
  columns: Scalars['Int']['output'];
  values: Array<Scalars['Float']['output']>;
  /** The square of the upright photo that the grid covers, in its pixels. */
  left: Scalars['Int']['output'];
  top: Scalars['Int']['output'];
  size: Scalars['Int']['output'];
};

export type ImageQuality = {
  /** Pixels of the upright photo. */
  width: Scalars['Int']['output'];
  height: Scalars['Int']['output'];
  /** Variance of the Laplacian of the grey image at the model's input size. */
  sharpness: Scalars['Float']['output'];
  /** Mean of the grey image, 0 to 255. */
  brightness: Scalars['Float']['output'];
  /** Standard deviation of the grey image. */
  contrast: Scalars['Float']['output'];
};

export type ModelReference = {
  name: Scalars['String']['output'];
  version: Scalars['String']['output'];
};

export type DescriptionSource =
  | 'openai'
  | 'template';

export type DescriptionInput =
  /** Everything the model said, handed over by the inference worker. */
  | 'handover'
  /** The hand-over was lost: rebuilt from the stored result, without distance and image quality. */
  | 'rebuilt';

export type Description = {
  text: Scalars['String']['output'];
  source: DescriptionSource;
  language: Locale;
  input: DescriptionInput;
  /** The language model that wrote it; null for the template. */
  model?: Maybe<Scalars['String']['output']>;
  /** Why the template stands in: no_key, unavailable, refused, unusable, gave_up, inconclusive; null where the LLM wrote it. */
  fallbackReason?: Maybe<Scalars['String']['output']>;
};

/** Milliseconds. What is null has not happened (yet). */
export type StageTimings = {
  queued?: Maybe<Scalars['Float']['output']>;
  fetch?: Maybe<Scalars['Float']['output']>;
  decode?: Maybe<Scalars['Float']['output']>;
  inference?: Maybe<Scalars['Float']['output']>;
  total?: Maybe<Scalars['Float']['output']>;
};

export type RequestError = {
  code: Scalars['String']['output'];
  /** What to do about it. */
  message: Scalars['String']['output'];
  /** Whether retryRequest can help. */
  retryable: Scalars['Boolean']['output'];
};

export type RequestPage = {
  items: Array<Request>;
  nextToken?: Maybe<Scalars['String']['output']>;
};

export type Model = {
  name: Scalars['String']['output'];
  version: Scalars['String']['output'];
  classes: Array<LesionClass>;
  operatingPoints: Array<OperatingPoint>;
  measured: Array<ModelMetrics>;
  /** How many orientations of the photo the model sees; what it says of them is averaged. 1, 4 or 8. */
  views: Scalars['Int']['output'];
  /** Null if the model does not tell dermoscopy from other photos. */
  modality?: Maybe<ModalityThresholds>;
  /** The mix of classes that the probabilities stand for: divide by it for an even mix, multiply by yours. Empty if unknown. */
  trainingPrior: Array<ClassShare>;
  /** Measured by age, sex, site and the like, on the official test. Empty if it was not. */
  subgroups: Array<Subgroup>;
  trainedOn?: Maybe<Scalars['String']['output']>;
  license?: Maybe<Scalars['String']['output']>;
  intendedUse: Scalars['String']['output'];
};

export type LesionClass = {
  code: Scalars['String']['output'];
  label: Scalars['String']['output'];
  icd10?: Maybe<Scalars['String']['output']>;
  malignant: Scalars['Boolean']['output'];
};

export type OperatingPoint = {
  name: Scalars['String']['output'];
  classes: Array<Scalars['String']['output']>;
  threshold: Scalars['Float']['output'];
  sensitivity?: Maybe<Scalars['Float']['output']>;
  specificity?: Maybe<Scalars['Float']['output']>;
  sensitivityInterval?: Maybe<Interval>;
  specificityInterval?: Maybe<Interval>;
};

/** The ends of a 95 % interval. */
export type Interval = {
  low: Scalars['Float']['output'];
  high: Scalars['Float']['output'];
};

/** Limits on Assessment.modality, and what they cost and catch. */
export type ModalityThresholds = {
  /** Below it the photo gets no class: INCONCLUSIVE. */
  threshold: Scalars['Float']['output'];
  /** Below it nothing reassures: neither ROUTINE nor confidence HIGH. */
  doubtful?: Maybe<Scalars['Float']['output']>;
  /** Shares of the dermoscopy photos of the official test that lie below. */
  officialTestLost?: Maybe<Scalars['Float']['output']>;
  officialTestDoubtful?: Maybe<Scalars['Float']['output']>;
  /** Share of phone photos, held out, that get no class. */
  phonePhotosWithoutClass?: Maybe<Scalars['Float']['output']>;
};

export type ClassShare = {
  code: Scalars['String']['output'];
  share: Scalars['Float']['output'];
};

export type Subgroup = {
  /** Such as `age: 60 and over`. */
  name: Scalars['String']['output'];
  n: Scalars['Int']['output'];
  /** How many of them are malignant or pre-malignant. */
  malignant?: Maybe<Scalars['Int']['output']>;
  accuracy?: Maybe<Scalars['Float']['output']>;
  accuracyInterval?: Maybe<Interval>;
  aucMalignant?: Maybe<Scalars['Float']['output']>;
  aucMalignantInterval?: Maybe<Interval>;
  /** At the operating point malignant-95. */
  sensitivity?: Maybe<Scalars['Float']['output']>;
  specificity?: Maybe<Scalars['Float']['output']>;
  /** Share that gets no class, because the model takes it for no dermoscopy. */
  withoutClass?: Maybe<Scalars['Float']['output']>;
};

export type ModelMetrics = {
  dataset: Scalars['String']['output'];
  n: Scalars['Int']['output'];
  accuracy?: Maybe<Scalars['Float']['output']>;
  balancedAccuracy?: Maybe<Scalars['Float']['output']>;
  ece?: Maybe<Scalars['Float']['output']>;
  aucMalignant?: Maybe<Scalars['Float']['output']>;
  aucMelanoma?: Maybe<Scalars['Float']['output']>;
  accuracyInterval?: Maybe<Interval>;
  balancedAccuracyInterval?: Maybe<Interval>;
  eceInterval?: Maybe<Interval>;
  aucMalignantInterval?: Maybe<Interval>;
  aucMelanomaInterval?: Maybe<Interval>;
  /** Of the balanced decision: by probability divided by trainingPrior. */
  adjustedAccuracy?: Maybe<Scalars['Float']['output']>;
  adjustedBalancedAccuracy?: Maybe<Scalars['Float']['output']>;
  adjustedAccuracyInterval?: Maybe<Interval>;
  adjustedBalancedAccuracyInterval?: Maybe<Interval>;
  recall: Array<ClassRecall>;
};

export type ClassRecall = {
  code: Scalars['String']['output'];
  recall: Scalars['Float']['output'];
  interval?: Maybe<Interval>;
  /** Of the balanced decision. */
  adjusted?: Maybe<Scalars['Float']['output']>;
};
