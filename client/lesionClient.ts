import type { Locale, Model, Request, Update } from './request.ts';
import type { RequestPage } from './transport/api.ts';
import type { Photo } from './upload/photo.ts';
import type { OnUploadProgress } from './upload/postPhoto.ts';

export interface UploadOptions {
  /** If you know better than the photo's first bytes. */
  contentType?: string;
  signal?: AbortSignal;
  onUploadProgress?: OnUploadProgress;
}

/** What a photo is submitted with: every field of the API's input, save for the photo itself. */
export interface KeyOptions {
  signal?: AbortSignal;
  /** Ask for a description in plain language beside the numbers. */
  describe?: boolean;
  /** Language of the description; `en` if not given. */
  locale?: Locale;
  /** Your own short name for the photo: at most 64 of A-Z a-z 0-9 . _ - */
  reference?: string;
  /** A UUID: the same again returns the same request. A new one if not given. */
  clientToken?: string;
}

export type SubmitOptions = UploadOptions & KeyOptions;

export interface WatchOptions {
  signal?: AbortSignal;
  /** false: pushes alone, for tests. Then a lost push is lost. */
  reads?: boolean;
}

export type ClassifyOptions = SubmitOptions & WatchOptions & { onUpdate?(update: Update): void };

/** The API, typed. Everything throws LesionError and nothing else. */
export interface LesionClient {
  /** Uploads a photo (JPEG, PNG or WebP, at most 20 MB). @returns its imageKey, for `submitKey` */
  upload(photo: Photo, options?: UploadOptions): Promise<string>;
  /** Uploads and submits a photo. Aborted after the server took it, the request is cancelled there. */
  submit(photo: Photo, options?: SubmitOptions): Promise<Request>;
  /** Submits a photo that `upload` has uploaded. */
  submitKey(imageKey: string, options?: KeyOptions): Promise<Request>;
  /** Each newer version once, never going back, until the request has ended. */
  watch(requestId: string, options?: WatchOptions): AsyncGenerator<Update, void>;
  /**
   * Submits a photo and waits for the end: COMPLETED, FAILED, CANCELLED or DELETED. It listens before it submits, so
   * every change is pushed. Aborting it cancels the request on the server, then throws Aborted.
   */
  classify(photo: Photo, options?: ClassifyOptions): Promise<Request>;
  /** null if there is no such request of yours. */
  result(requestId: string, options?: { signal?: AbortSignal }): Promise<Request | null>;
  /** A page of your requests, newest first. */
  list(page?: { limit?: number; nextToken?: string | null; signal?: AbortSignal }): Promise<RequestPage>;
  /** All of them, page by page as you go. */
  listAll(options?: { pageSize?: number; signal?: AbortSignal }): AsyncGenerator<Request, void>;
  cancel(requestId: string): Promise<Request>;
  /** Runs a FAILED request again, under the same id. */
  retry(requestId: string): Promise<Request>;
  /** Erases a request: photo, result and all. */
  remove(requestId: string): Promise<Request>;
  model(options?: { signal?: AbortSignal }): Promise<Model>;
  /**
   * Opens the subscription ahead of time and resolves once the server has acknowledged it, so that nothing that is
   * submitted from now on is missed.
   *
   * @returns lets it go again
   */
  listen(options?: { signal?: AbortSignal }): Promise<() => void>;
  /** Call this when a React Native app comes back to the foreground (AppState); in browsers it happens by itself. */
  resume(): void;
  /** Ends every watch with Aborted, and closes the socket. */
  close(): void;
}
