import type { SubmitRequestInput } from '../generated/operations.ts';
import type { ClassifyOptions, KeyOptions, SubmitOptions, UploadOptions } from '../lesionClient.ts';
import { LesionError } from '../lesionError.ts';
import type { UpdateFeed } from '../push/updateFeed.ts';
import type { Request } from '../request.ts';
import { abortable, aborted } from '../timing/abortable.ts';
import type { Api } from '../transport/api.ts';
import { retrying } from '../transport/retrying.ts';
import { newClientToken } from './newClientToken.ts';
import { type Photo, preparePhoto } from './photo.ts';
import { postPhoto } from './postPhoto.ts';

/** Milliseconds that `classify` waits for the subscription before it submits anyway; reads make up for it. */
const LISTEN_FIRST = 10_000;
/** The same where pushes are all there is. */
const LISTEN_ONLY = 60_000;
/** Milliseconds that an abort waits for the request to be cancelled on the server. */
const CANCEL_TIMEOUT = 5_000;

/** The ways from a photo to a request. */
export function createSubmission(api: Api, feed: UpdateFeed) {
  const upload = async (photo: Photo, options: UploadOptions = {}): Promise<string> => {
    const file = await preparePhoto(photo, options.contentType);
    const createUpload = () => api.createUpload({ contentType: file.type, contentLength: file.size }, options.signal);
    let post: Awaited<ReturnType<typeof createUpload>> | undefined;
    return retrying(async () => {
      // The same one again, so that what did arrive of an earlier try does not stay behind.
      post ??= await createUpload();
      try {
        await postPhoto(post, file, options);
      } catch (error) {
        if (wasRefused(error)) post = undefined;
        throw error;
      }
      return post.imageKey;
    }, options.signal);
  };

  /** Whether or not the caller still wants it: only an answer tells the id to cancel. */
  const submitKey = async (imageKey: string, options: KeyOptions = {}): Promise<Request> => {
    const { describe, locale, reference, clientToken = newClientToken(), signal } = options;
    if (signal?.aborted) throw aborted(signal);
    const input = { imageKey, describe, locale, reference, clientToken };
    const submitted = retrying(() => api.submitRequest(input satisfies Record<keyof SubmitRequestInput, unknown>));
    try {
      return await abortable(submitted, signal);
    } catch (error) {
      if (signal?.aborted) await within(CANCEL_TIMEOUT, submitted.then(cancel));
      throw error;
    }
  };

  const cancel = ({ requestId }: Request) => api.cancelRequest(requestId);

  const submit = async (photo: Photo, options: SubmitOptions = {}) => submitKey(await upload(photo, options), options);

  /** Subscribed before it submits, so that even PENDING is pushed. */
  const submitListening = async (photo: Photo, { reads = true, ...options }: ClassifyOptions): Promise<Request> => {
    const ready = feed.channel.ready({ timeout: reads ? LISTEN_FIRST : LISTEN_ONLY, signal: options.signal });
    const listening = reads ? ready.catch(() => {}) : ready;
    const [imageKey] = await Promise.all([upload(photo, options), listening]);
    return submitKey(imageKey, options);
  };

  const classify = async (photo: Photo, options: ClassifyOptions = {}): Promise<Request> => {
    const release = feed.channel.hold();
    try {
      const submitted = await submitListening(photo, options);
      return await followToEnd(submitted, options);
    } finally {
      release();
    }
  };

  const followToEnd = async (submitted: Request, { signal, reads, onUpdate }: ClassifyOptions): Promise<Request> => {
    let latest = submitted;
    // Submitted before under the same token: what has happened since is not pushed again.
    if (submitted.version > 1) feed.add(submitted);
    const readFirst = !feed.channel.isReady();
    try {
      for await (const update of feed.follow(submitted.requestId, { signal, reads, readFirst })) {
        latest = update.request;
        onUpdate?.(update);
      }
      return latest;
    } catch (error) {
      if (signal?.aborted) await within(CANCEL_TIMEOUT, cancel(submitted));
      throw error;
    }
  };

  return { upload, submitKey, submit, classify };
}

/** Whether S3 refused the form for good, as it does an expired one. */
function wasRefused(error: unknown): boolean {
  return error instanceof LesionError && error.upload !== undefined && error.upload.status < 500;
}

/** Waits for the end of it, good or bad, but no longer than this. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([
    limit,
    work.then(
      () => {},
      () => {},
    ),
  ]);
  clearTimeout(timer);
}
