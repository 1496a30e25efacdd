import type { RequestStatus } from '../../core/generated/schema.ts';
import { isTerminal, mayBecome, photoGoes } from '../../core/lifecycle.ts';
import type { LesionRequest } from '../../core/request.ts';
import type { Admin } from './inspection.ts';
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
  /** The keys of all photos and hand-overs that still lie in the bucket. */
  objects: Set<string>;
}

/** Whatever was promised and not kept, once all faults are over. */
export async function brokenPromises({ stories, pushes, stored, objects }: Evidence, admin: Admin): Promise<Broken[]> {
  const { inference, enrichment } = await admin.countDeadLetters();
  const dead = inference + enrichment;
  return [
    ...stories.flatMap((story) => brokenFor(story, story.requestId, stored, objects)),
    ...orphans(stories, objects),
    ...wrongTurns(pushes),
    ...pushes.filter(isLeaked).map(leak),
    ...[...stored.values()].filter(({ status }) => !isTerminal(status)).map((request) => broken('ended', request)),
    ...(dead > 0
      ? [{ promise: 'deadLetters' as const, detail: `${inference} inference, ${enrichment} enrichment` }]
      : []),
  ];
}

function brokenFor(
  story: Story,
  requestId: string | undefined,
  stored: Map<string, LesionRequest>,
  objects: Set<string>,
): Broken[] {
  const found: Broken[] = story.surprises.map((detail) => ({ promise: 'errors', requestId, detail }));
  const request = requestId && stored.get(requestId);
  if (!request) return [...found, { promise: 'accepted', requestId, detail: 'not in the store' }];
  const seen = story.watches.map((versions) => versions.join(' ')).join(' | ');
  if (!endsAsOftenAsBegun(request)) found.push(broken('once', request));
  if (!story.watches.every(isAscending)) found.push(broken('forward', request, `seen: ${seen}`));
  if (story.last?.version !== request.version) found.push(broken('latest', request, `seen: ${seen}`));
  const wasMissed = request.status === 'FAILED' && request.error.code === 'ImageNotFound';
  if (wasMissed && story.planned.then !== 'remove') found.push(broken('photos', request, 'missed by its worker'));
  const keepsPhoto = !photoGoes(request);
  if (isTerminal(request.status) && story.imageKey) {
    const hasPhoto = objects.has(story.imageKey);
    if (hasPhoto && !keepsPhoto) found.push(broken('photos', request));
    if (keepsPhoto && !hasPhoto) found.push(broken('photos', request, 'gone, though a retry needs it'));
  }
  return found;
}

/** What no request can speak for, beyond what uploads may have left whose answer was lost. */
function orphans(stories: Story[], objects: Set<string>): Broken[] {
  const known = new Set(stories.map(({ imageKey }) => imageKey));
  const unknown = [...objects].filter((key) => !known.has(key));
  const handovers = unknown.filter((key) => key.startsWith('handover/'));
  const lost = stories.reduce((sum, { lostUploads }) => sum + lostUploads, 0);
  const isExplained = unknown.length - handovers.length <= lost;
  return (isExplained ? handovers : unknown).map((key) => ({ promise: 'photos', detail: `${key}: nobody's` }));
}

/** From an end it goes on to PENDING (a retry) or to DELETED alone, and what one version says never changes. */
export function wrongTurns(pushes: Pushed[]): Broken[] {
  const found: Broken[] = [];
  const histories = new Map<string, RequestStatus[]>();
  for (const { requestId, version, status } of pushes) {
    const history = histories.get(requestId) ?? [];
    histories.set(requestId, history);
    const other = history[version];
    if (other && other !== status)
      found.push({ promise: 'once', requestId, detail: `version ${version}: ${other} and ${status}` });
    history[version] = status;
  }
  for (const [requestId, history] of histories) {
    // Sparse: a push that was parked leaves a gap, across which nothing is known.
    history.forEach((status, version) => {
      const next = history[version + 1];
      if (next && isTerminal(status) && !mayBecome(status, next))
        found.push({ promise: 'once', requestId, detail: `version ${version}: ${status}, then ${next}` });
    });
  }
  return found;
}

function isLeaked({ listener, owner }: Pushed): boolean {
  return listener !== owner;
}

function leak({ listener, owner, requestId }: Pushed): Broken {
  return { promise: 'owners', requestId, detail: `${listener} heard of ${owner}'s` };
}

/** A tombstone has no timeline left; what was pushed on the way to it says more (`wrongTurns`). */
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
