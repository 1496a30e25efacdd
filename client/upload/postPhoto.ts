import { type ErrorCode, LesionError } from '../lesionError.ts';
import { aborted } from '../timing/abortable.ts';

export interface PresignedPost {
  url: string;
  fields: { name: string; value: string }[];
}

/** Bytes of the photo. */
export type OnUploadProgress = (progress: { sent: number; total: number }) => void;

interface PostOptions {
  signal?: AbortSignal | undefined;
  onUploadProgress?: OnUploadProgress | undefined;
}

interface Answer {
  status: number;
  body: string;
}

/** Milliseconds without an answer; the presigned POST is valid for a few minutes only. */
const POST_TIMEOUT = 180_000;

/**
 * An S3 browser-based upload: multipart/form-data with the signed fields first, in their order, and the photo last as
 * `file` (Amazon S3 API Reference, "POST Object"). With XMLHttpRequest where there is one, as fetch tells no progress.
 *
 * @throws LesionError Network, Aborted, or what S3 answered
 */
export async function postPhoto(post: PresignedPost, photo: Blob, options: PostOptions): Promise<void> {
  const form = new FormData();
  for (const { name, value } of post.fields) form.append(name, value);
  form.append('file', photo);
  const send = typeof XMLHttpRequest === 'function' ? sendByXhr : sendByFetch;
  options.onUploadProgress?.({ sent: 0, total: photo.size });
  if (options.signal?.aborted) throw aborted(options.signal);
  const answer = await send(post.url, form, photo.size, options);
  if (answer.status >= 300) throw refusal(answer);
  options.onUploadProgress?.({ sent: photo.size, total: photo.size });
}

async function sendByFetch(url: string, body: FormData, _size: number, { signal }: PostOptions): Promise<Answer> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, POST_TIMEOUT);
  signal?.addEventListener('abort', abort);
  try {
    const response = await fetch(url, { method: 'POST', body, signal: controller.signal });
    return { status: response.status, body: await response.text() };
  } catch (cause) {
    throw signal?.aborted ? aborted(signal) : unanswered(cause);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function sendByXhr(url: string, body: FormData, size: number, options: PostOptions): Promise<Answer> {
  const { signal, onUploadProgress } = options;
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    xhr.timeout = POST_TIMEOUT;
    // `loaded` counts the form around the photo too.
    xhr.upload.onprogress = ({ loaded }) => onUploadProgress?.({ sent: Math.min(loaded, size), total: size });
    xhr.onload = () => resolve({ status: xhr.status, body: xhr.responseText });
    xhr.onerror = () => reject(unanswered(undefined));
    xhr.ontimeout = () => reject(unanswered(undefined));
    xhr.onabort = () => reject(aborted(signal));
    xhr.onloadend = () => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort);
    xhr.open('POST', url);
    xhr.send(body);
  });
}

function unanswered(cause: unknown): LesionError {
  return new LesionError('Network', 'The photo could not be uploaded. Check the connection, then try again.', {
    cause,
  });
}

/** S3 answers `<Error><Code>…</Code><Message>…</Message></Error>`. */
function refusal({ status, body }: Answer): LesionError {
  const s3Code = /<Code>([^<]*)<\/Code>/.exec(body)?.[1] ?? `status ${status}`;
  const s3Message = /<Message>([^<]*)<\/Message>/.exec(body)?.[1] ?? '';
  const message = `The photo was not accepted (${s3Code}). ${s3Message}`.trim();
  return new LesionError(codeOf(status, s3Code, s3Message), message, { upload: { status, code: s3Code } });
}

function codeOf(status: number, s3Code: string, s3Message: string): ErrorCode {
  if (s3Code === 'EntityTooLarge') return 'ImageTooLarge';
  if (status >= 500 || status === 429) return 'ServiceUnavailable';
  // A slow start on a bad line: a new presigned POST will do.
  if (/expired/i.test(s3Message)) return 'ServiceUnavailable';
  return status === 401 || status === 403 ? 'Unauthorized' : 'InvalidInput';
}
