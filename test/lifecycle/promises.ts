import { isDeepStrictEqual } from 'node:util';
import type { RequestStatus } from '../../core/generated/schema.ts';
import { canBeRetried, isTerminal, mayBecome, photoGoes } from '../../core/lifecycle.ts';
import type { LesionRequest } from '../../core/request.ts';
import { endsAsOftenAsBegun } from '../faults/promises.ts';
import type { Change } from './engines.ts';
import type { Played } from './histories.ts';
import type { World } from './world.ts';

/** Whatever was promised and not kept, a line each. Call it when all has come to rest. */
export async function brokenPromises(world: World, played: Played): Promise<string[]> {
  const history = await world.history();
  const ofCases = await Promise.all(played.cases.map((one) => brokenFor(world, played, history, one)));
  return [...history.flatMap(brokenBy), ...ofCases.flat()];
}

/** What is left of the accepted requests when a day has gone by. A photo that nobody submitted is the bucket's to expire. */
export async function leftAfterADay(world: World, { cases }: Played): Promise<string[]> {
  const latest = new Map((await world.history()).map(({ after }) => [after?.requestId, after]));
  const left = cases.map(async ({ requestId, imageKey }) => {
    const last = latest.get(requestId);
    if (!last) return [];
    const due = isDue(last) ? [`still due: ${show([last])}`] : [];
    return (await world.hasPhoto(imageKey)) ? [`photo still there: ${show([last])}`, ...due] : due;
  });
  return (await Promise.all(left)).flat();
}

async function brokenFor(
  world: World,
  { outcomes }: Played,
  history: Change[],
  { requestId, imageKey }: Played['cases'][number],
): Promise<string[]> {
  const versions = history.flatMap(({ after }) => (after?.requestId === requestId ? [after] : []));
  const last = versions.at(-1);
  const about = outcomes.filter((outcome) => outcome.of.requestId === requestId);
  const succeeded = (what: string) => about.some((outcome) => outcome.what === what && outcome.succeeded);
  const tried = (what: string) => about.some((outcome) => outcome.what === what);
  const had = (status: RequestStatus) => versions.some((version) => version.status === status);
  const broken: string[] = [];
  const hold = (promise: string, kept: boolean) => kept || broken.push(`${promise}: ${requestId} ${show(versions)}`);

  hold('what was accepted is there', last !== undefined || !succeeded('submit'));
  if (!last) return broken;
  hold('it has ended', isTerminal(last.status));
  hold('one end for each series of attempts', versions.every(endsAsOftenAsBegun));
  hold('cancelled is cancelled', had('CANCELLED') || !succeeded('cancel'));
  hold('deleted is deleted', last.status === 'DELETED' || !succeeded('remove'));
  const mayHaveLostPhoto = tried('remove');
  const lostPhoto = versions.some((version) => version.status === 'FAILED' && version.error.code === 'ImageNotFound');
  const keepsPhoto = !photoGoes(last);
  const hasPhoto = await world.hasPhoto(imageKey);
  hold('no photo goes before its time', mayHaveLostPhoto || !(lostPhoto || (keepsPhoto && !hasPhoto)));
  hold('no photo stays past its time', keepsPhoto || !hasPhoto);
  return broken;
}

function brokenBy({ before, after }: Change): string[] {
  if (!before) return after?.version === 1 && after.status === 'PENDING' ? [] : [`born as ${show([after])}`];
  if (!after) return [];
  const step = show([before, after]);
  if (before.version === after.version) return isPostponed(before, after) ? [] : [`changed without a version: ${step}`];
  const broken: string[] = [];
  if (after.version !== before.version + 1) broken.push(`not the next version: ${step}`);
  if (!mayBecome(before.status, after.status)) broken.push(`not a transition: ${step}`);
  if (mustBeDue(after) && !isDue(after)) broken.push(`nothing would find it again: ${step}`);
  if (before.status !== 'DELETED' && after.status !== 'DELETED') {
    const entries = after.timeline.length - before.timeline.length;
    const isForgotten = before.status === 'FAILED' && after.status === 'FAILED';
    if (entries !== (isForgotten ? 0 : 1)) broken.push(`not one entry in the timeline: ${step}`);
  }
  return broken;
}

/** Nothing but the deadline moved, or went with the photo. */
function isPostponed(before: LesionRequest, after: LesionRequest): boolean {
  const withoutDeadline = (request: LesionRequest) => ({ ...request, dueAt: '' });
  return isDue(before) && isDeepStrictEqual(withoutDeadline(before), withoutDeadline(after));
}

function isDue(request: LesionRequest): boolean {
  return 'dueAt' in request && request.dueAt !== undefined;
}

function mustBeDue(request: LesionRequest): boolean {
  return !isTerminal(request.status) || canBeRetried(request);
}

function show(versions: (LesionRequest | undefined)[]): string {
  return versions.map((request) => (request ? `${request.version}:${request.status}` : 'nothing')).join(' ');
}
