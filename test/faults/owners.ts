import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../../client/createClient.ts';
import { LesionError } from '../../client/lesionError.ts';
import { hasEnded, type Request, type RequestStatus } from '../../client/request.ts';
import type { PlannedRequest } from './plan.ts';
import { ownerOfToken } from './sockets.ts';

/** One planned request as its owner's client saw it. */
export interface Story {
  owner: string;
  planned: PlannedRequest;
  imageKey?: string;
  requestId?: string;
  /** Uploads whose answer never came: what they may have left, only the bucket's own rule removes. */
  lostUploads: number;
  /** The versions of each watch, as they came. */
  watches: number[][];
  last?: Request;
  retries: number;
  /** What the client threw though trying again could not have helped: broken promises all. */
  surprises: string[];
}

export interface OwnerOptions {
  name: string;
  graphqlUrl: string;
  token: string;
  photos: Record<PlannedRequest['photo'], Uint8Array<ArrayBuffer>>;
  /** Aborted when nothing more is waited for. */
  signal: AbortSignal;
}

const MOST_RETRIES = 3;
const order: RequestStatus[] = ['PENDING', 'PROCESSING', 'AWAITING_DESCRIPTION', 'COMPLETED'];

export type Owner = ReturnType<typeof createOwner>;

/** A user with a client, as stubborn as a user: what may help to be done again, is. */
export function createOwner({ name, graphqlUrl, token, photos, signal }: OwnerOptions) {
  const client = createClient({ graphqlUrl, token: async () => token });
  const owner = ownerOfToken(token);
  const mostTries = 200;

  /** @throws LesionError what no repetition helps */
  async function insist<T>(act: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        signal.throwIfAborted();
        return await act();
      } catch (error) {
        if (!(error instanceof LesionError) || !error.retryable || tries === mostTries) throw error;
        await pause(500, undefined, { signal });
      }
    }
  }

  /** Resolves when it is accepted; `ended` when its owner is through with it. */
  async function begin(planned: PlannedRequest, index: number): Promise<{ story: Story; ended: Promise<void> }> {
    const story: Story = { owner, planned, watches: [], lostUploads: 0, retries: 0, surprises: [] };
    try {
      const { requestId } = await submit(story, index);
      story.requestId = requestId;
      return { story, ended: follow(story, requestId).catch((error) => surprise(story, error)) };
    } catch (error) {
      surprise(story, error);
      return { story, ended: Promise.resolve() };
    }
  }

  async function submit(story: Story, index: number): Promise<Request> {
    const { photo, describe, submits } = story.planned;
    const imageKey = await insist(async () => {
      story.lostUploads += 1;
      const key = await client.upload(photos[photo], { contentType: 'image/jpeg' });
      story.lostUploads -= 1;
      return key;
    });
    story.imageKey = imageKey;
    const options = { describe, clientToken: tokenFor(`${name} ${index}`) };
    const once = () => insist(() => client.submitKey(imageKey, options));
    const answers = await Promise.all(Array.from({ length: submits }, once));
    const ids = new Set(answers.map(({ requestId }) => requestId));
    if (ids.size !== 1) story.surprises.push(`one token made ${ids.size} requests`);
    return answers[0]!;
  }

  /** Watches it to its end, meddles as planned, and begins anew where it retries. */
  async function follow(story: Story, requestId: string): Promise<void> {
    let meddling: Promise<void> | undefined;
    do {
      const versions: number[] = [];
      story.watches.push(versions);
      for await (const { request } of client.watch(requestId, { signal })) {
        versions.push(request.version);
        hear(story, request);
        if (isTime(story.planned, request)) meddling ??= change(story, requestId, story.planned.then);
      }
      await meddling;
    } while (await retry(story, requestId));
  }

  async function retry(story: Story, requestId: string): Promise<boolean> {
    const { last } = story;
    if (last?.status !== 'FAILED' || !last.error?.retryable || story.retries === MOST_RETRIES) return false;
    story.retries += 1;
    await change(story, requestId, 'retry');
    return true;
  }

  async function change(story: Story, requestId: string, how: 'cancel' | 'remove' | 'retry' | 'wait'): Promise<void> {
    if (how === 'wait') return;
    try {
      hear(story, await insist(() => client[how](requestId)));
    } catch (error) {
      // It had ended, or it was done by a call whose answer was lost: what has become of it then?
      if (!isCode(error, 'Conflict', 'NotFound')) return surprise(story, error);
      hear(story, await insist(() => client.result(requestId)));
    }
  }

  function surprise(story: Story, error: unknown): void {
    const what = error instanceof Error ? `${nameOf(error)}: ${error.message}` : String(error);
    story.surprises.push(`${what} (${JSON.stringify(story.planned)})`);
  }

  return {
    owner,
    begin,
    listen: () => insist(() => client.listen({ signal })),
    /** As when the app comes back to the foreground: reads what is followed. */
    resume: client.resume,
    close: client.close,
  };
}

function hear(story: Story, request: Request | null): void {
  if (request && request.version > (story.last?.version ?? 0)) story.last = request;
}

/** Come as far as planned, or past it. */
function isTime({ at }: PlannedRequest, { status }: Request): boolean {
  return hasEnded({ status }) || order.indexOf(status) >= order.indexOf(at);
}

/** A UUID that is the same whenever the plan is. */
function tokenFor(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof LesionError && codes.includes(error.code);
}

function nameOf(error: Error): string {
  return error instanceof LesionError ? error.code : error.name;
}
