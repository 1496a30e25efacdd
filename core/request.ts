import type {
  Assessment,
  Description,
  Heatmap,
  ImageQuality,
  Locale,
  ModelReference,
  Prediction,
  RequestError,
  RequestStatus,
  StageTimings,
  SubmitRequestInput,
  TimelineEntry,
} from './generated/schema.ts';

/** The photo as it was when it was submitted. */
export interface PinnedImage {
  key: string;
  /** S3's ETag, quotes and all: the worker reads the photo only if it still is this one. */
  etag: string;
  bytes: number;
}

/** What the inference worker found. */
export interface Result {
  predictions: Prediction[];
  assessment: Assessment;
  heatmap?: Heatmap | undefined;
  imageQuality: ImageQuality;
  model: ModelReference;
  timings: StageTimings;
}

/** What `submitRequest` is asked for, beside the photo and the token. */
export type Asked = Exclude<keyof SubmitRequestInput, 'imageKey' | 'clientToken'>;

interface Submitted {
  requestId: string;
  /** `cognito#<sub>` or `apikey`. */
  owner: string;
  version: number;
  /** ISO 8601, as all times here but `expiresAt`. */
  submittedAt: string;
  updatedAt: string;
  /** Epoch seconds: DynamoDB's time to live. From then on the request does not exist, deleted or not. */
  expiresAt: number;
  describe: boolean;
  locale: Locale;
  reference?: string | undefined;
  image: PinnedImage;
  /** How often a worker took it up, in all. */
  attempt: number;
  /** When this series of attempts began: at submit, or at the last retry. */
  queuedAt: string;
  timeline: TimelineEntry[];
}

/**
 * When the sweeper must look at it: an open request may have lost its message, the photo of an ended one may have
 * outlived its worker. The request is in the sparse `due` index as long as this is set.
 */
interface Due {
  dueAt: string;
}

export type Pending = Submitted & Due & { status: 'PENDING' };
export type Processing = Submitted & Due & { status: 'PROCESSING'; takenBy: string };
export type AwaitingDescription = Submitted & Due & Result & { status: 'AWAITING_DESCRIPTION' };
export type Completed = Submitted &
  Partial<Due> &
  Result & { status: 'COMPLETED'; description?: Description | undefined };
export type Failed = Submitted & Partial<Due> & { status: 'FAILED'; error: RequestError };
export type Cancelled = Submitted & Partial<Due> & Partial<Result> & { status: 'CANCELLED' };
/** A tombstone: all that is left of a deleted request. */
export interface Deleted {
  status: 'DELETED';
  requestId: string;
  owner: string;
  version: number;
  updatedAt: string;
  expiresAt: number;
}

/** What a request is in each status. A status of the schema that has no shape here does not compile. */
type Shapes = OnePerStatus<{
  PENDING: Pending;
  PROCESSING: Processing;
  AWAITING_DESCRIPTION: AwaitingDescription;
  COMPLETED: Completed;
  FAILED: Failed;
  CANCELLED: Cancelled;
  DELETED: Deleted;
}>;
type OnePerStatus<S extends { [Status in RequestStatus]: { status: Status } }> = S;

export type LesionRequest = Shapes[keyof Shapes];
export type LiveRequest = Exclude<LesionRequest, Deleted>;

export function isExpired(request: Pick<LesionRequest, 'expiresAt'>, now: Date): boolean {
  return request.expiresAt * 1000 <= now.getTime();
}
