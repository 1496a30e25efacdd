import type { RequestStatus } from '../../core/generated/schema.ts';
import { isTerminal, type LesionRequest } from '../../core/request.ts';
import type { Admin } from './admin.ts';
import type { Story } from './owners.ts';
import type { Pushed } from './sockets.ts';

export const promises = {
  accepted: 'What was accepted is there',
  ended: 'Every request has ended',
  once: 'One end for each series of attempts',
  owners: 'Nobody hears of what is not theirs',
  forward: 'No subscriber goes back to an older version',
  latest: "The owner's last version is the store's",
  photos: 'No photo goes before its time or stays past it',
  deadLetters: 'No dead letter is left',
  errors: 'No error that a repetition does not help',
} as const;

export interface Broken {
  promise: keyof typeof promises;
  requestId?: string | undefined;
  /** Its timeline, or what was seen instead. */
  detail: string;
}

export interface Evidence {
  stories: Story[];
  pushes: Pushed[];
  stored: Map<string, LesionRequest>;
}

/** Whatever was promised and not kept, once all faults are over. */
export async function brokenPromises({ stories, pushes, stored }: Evidence, admin: Admin): Promise<Broken[]> {
  const ofStories = await Promise.all(stories.map((story) => brokenFor(story, story.requestId, stored, admin)));
  const { inference, enrichment } = await admin.countDeadLetters();
  const dead = inference + enrichment;
  return [
    ...ofStories.flat(),
    ...pushes.filter(isLeaked).map(leak),
    ...[...stored.values()].filter(({ status }) => !isTerminal(status)).map((request) => broken('ended', request)),
    ...(dead > 0
      ? [{ promise: 'deadLetters' as const, detail: `${inference} inference, ${enrichment} enrichment` }]
      : []),
  ];
}

async function brokenFor(
  story: Story,
  requestId: string | undefined,
  stored: Map<string, LesionRequest>,
  admin: Admin,
): Promise<Broken[]> {
  const found: Broken[] = story.surprises.map((detail) => ({ promise: 'errors', requestId, detail }));
  const request = requestId && stored.get(requestId);
  if (!request) return [...found, { promise: 'accepted', requestId, detail: 'not in the store' }];
  const seen = story.watches.map((versions) => versions.join(' ')).join(' | ');
  if (!endsAsOftenAsBegun(request)) found.push(broken('once', request));
  if (!story.watches.every(isAscending)) found.push(broken('forward', request, `seen: ${seen}`));
  if (story.last?.version !== request.version) found.push(broken('latest', request, `seen: ${seen}`));
  const wasMissed = request.status === 'FAILED' && request.error.code === 'ImageNotFound';
  if (wasMissed && story.planned.then !== 'remove') found.push(broken('photos', request, 'missed by its worker'));
  const keepsPhoto = request.status === 'FAILED' && request.error.retryable;
  if (isTerminal(request.status) && story.imageKey) {
    const hasPhoto = await admin.hasPhoto(story.imageKey);
    if (hasPhoto && !keepsPhoto) found.push(broken('photos', request));
    if (keepsPhoto && !hasPhoto) found.push(broken('photos', request, 'gone, though a retry needs it'));
  }
  return found;
}

function isLeaked({ listener, owner }: Pushed): boolean {
  return listener !== owner;
}

function leak({ listener, owner, requestId }: Pushed): Broken {
  return { promise: 'owners', requestId, detail: `${listener} heard of ${owner}'s` };
}

/** A tombstone has no timeline left; that it is one says enough. */
export function endsAsOftenAsBegun(request: LesionRequest): boolean {
  if (request.status === 'DELETED') return true;
  const count = (matches: (status: RequestStatus) => boolean) =>
    request.timeline.filter(({ status }) => matches(status)).length;
  return count(isTerminal) === count((status) => status === 'PENDING') - Number(!isTerminal(request.status));
}

function isAscending(versions: number[]): boolean {
  return versions.every((version, index) => index === 0 || version > (versions[index - 1] ?? 0));
}

function broken(promise: Broken['promise'], request: LesionRequest, more = ''): Broken {
  const timeline =
    request.status === 'DELETED' ? 'DELETED' : request.timeline.map(({ status, at }) => `${status} ${at}`).join(', ');
  return { promise, requestId: request.requestId, detail: `version ${request.version}: ${timeline}. ${more}`.trim() };
}
