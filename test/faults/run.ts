import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { createOwner, type Owner, type Story } from './owners.ts';
import { damagedPhoto, goodPhoto } from './photos.ts';
import { type Fault, type PlannedFault, type PlanOptions, planOf } from './plan.ts';
import { type Broken, brokenPromises } from './promises.ts';
import { type Pushed, tapSockets } from './sockets.ts';
import { type System, startSystem } from './system.ts';

export interface Report extends PlanOptions {
  seconds: number;
  /** How often, by name. */
  faults: Record<string, number>;
  callsHit: number;
  endings: Record<string, number>;
  retries: number;
  pushes: number;
  /** Of them, such as came again after a newer one: the client drops them. */
  pushesBehind: number;
  /** Pushes that the publisher gave up, so that the clients had to read. */
  parkedPushes: number;
  broken: Broken[];
}

export interface RunOptions extends PlanOptions {
  assemblyDir: string;
  /** Aborts the run, which then throws. */
  signal?: AbortSignal;
  onProgress?(line: string): void;
}

/** After the last fault, in seconds: a lease of half a minute, and the watchdog of a client that slept through its end. */
const DRAIN = 150;
/** Until what the last status change left to do is done. */
const SETTLE = 20;

/** Brings up the cloud, breaks it as planned, lets it come to rest, and says which promises did not hold. */
export async function runFaults(options: RunOptions): Promise<Report> {
  const started = performance.now();
  const stories: Story[] = [];
  const pushes: Pushed[] = [];
  const sockets = tapSockets((pushed) => pushes.push(pushed));
  const recent = () => stories.slice(-6).flatMap(({ requestId }) => requestId ?? []);
  const over = new AbortController();
  const stopping = AbortSignal.any([over.signal, ...(options.signal ? [options.signal] : [])]);
  const owners: Owner[] = [];
  const system = await startSystem({ assemblyDir: options.assemblyDir, recent, cutSockets: sockets.cutAll });
  try {
    owners.push(...(await signIn(system, options.owners, stopping)));
    const ends = await storm(system, owners, stories, options);
    options.onProgress?.('All faults are over; waiting for every request to end');
    await drain(system, owners, Promise.all(ends), over);
    options.signal?.throwIfAborted();
    const broken = await settle(system, stories, pushes);
    return await report(options, system, stories, pushes, broken, started);
  } finally {
    over.abort();
    for (const owner of owners) owner.close();
    sockets.stop();
    await system.stop();
  }
}

const tokenAnswer = z.object({ token: z.string() });

async function signIn({ address }: System, count: number, signal: AbortSignal): Promise<Owner[]> {
  const photos = { good: goodPhoto(), bad: damagedPhoto() };
  const names = Array.from({ length: count }, (_, index) => `owner-${index}`);
  const owners = names.map(async (name) => {
    const body = JSON.stringify({ user: name });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(address.tokenUrl, { method: 'POST', headers, body });
    const { token } = tokenAnswer.parse(await answer.json());
    const owner = createOwner({ name, graphqlUrl: address.graphqlUrl, token, photos, signal });
    await owner.listen();
    return owner;
  });
  return Promise.all(owners);
}

/** Begins every planned request and injects every planned fault. Answers the ends that are still awaited. */
async function storm(system: System, owners: Owner[], stories: Story[], options: RunOptions): Promise<Promise<void>[]> {
  const plan = planOf(options);
  const ends: Promise<void>[] = [];
  const gate = createGate(plan.faults, system.inject);
  const begun = new Set<Promise<void>>();
  for (const [index, planned] of plan.requests.entries()) {
    await gate.pass(index);
    options.signal?.throwIfAborted();
    if (begun.size >= 3 * owners.length) await Promise.race(begun);
    const beginning = owners[planned.owner]!.begin(planned, index).then(({ story, ended }) => {
      stories.push(story);
      ends.push(ended);
      begun.delete(beginning);
    });
    begun.add(beginning);
    if ((index + 1) % 50 === 0) options.onProgress?.(`${index + 1} of ${options.requests} requests`);
  }
  await gate.over();
  await Promise.all(begun);
  return ends;
}

/** Who passes at n waits until the faults due before n have begun. */
function createGate(faults: PlannedFault[], inject: (fault: Fault) => Promise<void>) {
  let last = Promise.resolve();
  let next = 0;
  return {
    async pass(index: number): Promise<void> {
      for (; next < faults.length && faults[next]!.after <= index; next++) {
        await last;
        last = inject(faults[next]!.fault);
        // Told when it is waited for.
        last.catch(() => {});
      }
    },
    over: () => last,
  };
}

async function drain(system: System, owners: Owner[], ended: Promise<unknown>, over: AbortController): Promise<void> {
  let atRest = false;
  const waiting = ended.then(() => {
    atRest = true;
  });
  const deadline = Date.now() + DRAIN * 1000;
  for (let round = 0; !atRest && Date.now() < deadline; round++) {
    if (round % 4 === 0) await system.sweep();
    for (const owner of owners) owner.resume();
    await Promise.race([waiting, pause(10_000)]);
  }
  over.abort();
  await waiting;
  await system.sweep();
}

/** Looks until nothing is broken, or it has had its time. */
async function settle({ admin, objects }: System, stories: Story[], pushes: Pushed[]): Promise<Broken[]> {
  const deadline = Date.now() + SETTLE * 1000;
  for (;;) {
    const broken = await brokenPromises(
      { stories, pushes, stored: await admin.scan(), objects: await objects() },
      admin,
    );
    if (broken.length === 0 || Date.now() > deadline) return broken;
    await pause(1_000);
  }
}

async function report(
  { requests, owners, seed }: RunOptions,
  system: System,
  stories: Story[],
  pushes: Pushed[],
  broken: Broken[],
  started: number,
): Promise<Report> {
  const { publisher } = await system.admin.countDeadLetters();
  return {
    requests,
    owners,
    seed,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    faults: system.injected,
    callsHit: system.callsHit(),
    endings: countBy(stories.map(endingOf)),
    retries: stories.reduce((sum, { retries }) => sum + retries, 0),
    pushes: pushes.length,
    pushesBehind: countBehind(pushes),
    parkedPushes: publisher,
    broken,
  };
}

function endingOf({ last }: Story): string {
  if (last?.status === 'FAILED') return `FAILED ${last.error?.code}`;
  if (last?.status !== 'COMPLETED') return last?.status ?? 'none';
  if (!last.description) return last.describe ? 'COMPLETED without its description' : 'COMPLETED';
  const { source, fallbackReason, input } = last.description;
  return `COMPLETED, described by ${source} (${fallbackReason ?? input})`;
}

function countBehind(pushes: Pushed[]): number {
  const newest = new Map<string, number>();
  return pushes.filter(({ listener, requestId, version }) => {
    const key = `${listener} ${requestId}`;
    const before = newest.get(key) ?? 0;
    newest.set(key, Math.max(before, version));
    return version < before;
  }).length;
}

function countBy(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
