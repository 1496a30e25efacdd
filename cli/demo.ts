import { basename } from 'node:path';
import { createClient } from '../client/createClient.ts';
import type { LesionClient } from '../client/lesionClient.ts';
import type { Request, Update } from '../client/request.ts';
import type { ClientConfig } from '../client/transport/clientConfig.ts';
import { toLesionError } from '../client/transport/toLesionError.ts';
import { type Output, writeJson, writeLines } from './output.ts';
import { type Paint, paintFor } from './paint.ts';
import { readPhotoFile } from './photoFile.ts';
import { resultLines, updateLine } from './render.ts';
import { choiceOf, type SubmissionChoice } from './usage.ts';

export interface DemoOptions extends Partial<SubmissionChoice> {
  /** Statuses by push alone; only the result at the end is read. */
  pushOnly?: boolean | undefined;
  /** One JSON object a line on `out`, nothing else. */
  json?: boolean | undefined;
  out?: Output;
  /** The stream that hears what went wrong. */
  err?: Output;
  /** Aborted, it cancels the requests. */
  signal?: AbortSignal | undefined;
}

interface Run {
  client: LesionClient;
  options: DemoOptions;
  report: (path: string, update: Update, milliseconds: number) => void;
}

/** Milliseconds that the subscription may take before the photos are sent without it. */
const LISTEN_TIMEOUT = 10_000;

/**
 * Classifies photos, all at once, and shows each change of status as it comes and then the results.
 *
 * @param photos paths of files
 * @returns exit code: 0 only if all are COMPLETED
 */
export async function runDemo(config: ClientConfig, photos: string[], options: DemoOptions = {}): Promise<number> {
  const { out = process.stdout, err = process.stderr, json = false } = options;
  const paint = paintFor(out);
  const client = createClient(config);
  try {
    const release = await listenFirst(client, options);
    const run = { client, options, report: json ? jsonReport(out) : humanReport(out, photos, paint) };
    const results = await Promise.all(photos.map((photo) => classifyOne(run, photo, err)));
    release();
    for (const request of results) if (request) showResult(out, request, json, paint);
    return results.every((request) => request?.status === 'COMPLETED') ? 0 : 1;
  } finally {
    client.close();
  }
}

/** Before the clock of the first photo starts. */
async function listenFirst(client: LesionClient, { pushOnly, signal }: DemoOptions): Promise<() => void> {
  if (pushOnly) return client.listen({ ...(signal && { signal }) });
  return client.listen({ signal: AbortSignal.timeout(LISTEN_TIMEOUT) }).catch(() => () => {});
}

/** @returns the request as getResult gives it at the end; undefined where there is none */
async function classifyOne({ client, options, report }: Run, path: string, err: Output): Promise<Request | undefined> {
  const { pushOnly, signal } = options;
  try {
    const { name, bytes, contentType } = await readPhotoFile(path);
    const submitted = performance.now();
    const request = await client.classify(bytes, {
      ...choiceOf(options),
      reference: options.reference ?? referenceOf(name),
      contentType,
      signal,
      reads: !pushOnly,
      onUpdate: (update) => report(path, update, performance.now() - submitted),
    });
    return (await client.result(request.requestId)) ?? request;
  } catch (error) {
    const { code, message } = toLesionError(error);
    writeLines(err, [`${path}: ${code}: ${message}`]);
    return undefined;
  }
}

function jsonReport(out: Output): Run['report'] {
  return (_path, { request: { requestId, status, version }, via }, milliseconds) =>
    writeJson(out, { type: 'update', requestId, status, version, via, ms: Math.round(milliseconds) });
}

function humanReport(out: Output, photos: string[], paint: Paint): Run['report'] {
  const widest = Math.max(...photos.map((path) => basename(path).length));
  return (path, update, milliseconds) =>
    writeLines(out, [`${basename(path).padEnd(widest)} ${updateLine(update, milliseconds, paint)}`]);
}

function showResult(out: Output, request: Request, json: boolean, paint: Paint): void {
  if (json) writeJson(out, { type: 'result', ...request });
  else writeLines(out, ['', ...resultLines(request, paint)]);
}

/** A file's name as far as the API takes it for a reference. */
function referenceOf(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, '_').slice(-64);
}
