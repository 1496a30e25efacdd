import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { setImmediate as nextRound } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What goes wrong with one process, at its n-th call to AWS (from 1). */
export type Misfortune =
  | { kind: 'none' }
  /** The call is made, and no line of the process runs after it. */
  | { kind: 'dies after'; call: number }
  /** The SDK gives up: either nothing reached AWS, or the call was done and its answer lost. */
  | { kind: 'fails'; call: number; done: boolean }
  /** The answer is lost and the SDK sends the call again. */
  | { kind: 'sent twice'; call: number };

interface Actor {
  misfortune: Misfortune;
  turns: Turns;
  calls: number;
  dead: boolean;
}

/** Thrown into a process that has died, at every call: nothing it does reaches AWS any more. */
class Died extends Error {
  override readonly name = 'Died';
}

export type Turns = ReturnType<typeof createTurns>;

const actors = new AsyncLocalStorage<Actor>();

/**
 * Who is next, decided by the numbers given; when they are used up, the one that has waited longest. One call is done
 * whole before the next begins, so the same numbers give the same history.
 * @param tick called after each call: time goes by
 */
export function createTurns(picks: readonly number[], tick: () => void) {
  const waiting: (() => Promise<unknown>)[] = [];
  let turn = 0;

  const wait = <T>(act: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      waiting.push(() => act().then(resolve, reject));
    });

  /** Runs processes beside each other until all have ended. */
  async function run(processes: Promise<unknown>[]): Promise<void> {
    let over = false;
    Promise.allSettled(processes).then(() => {
      over = true;
    });
    for (;;) {
      // Whoever can go on without AWS does so first.
      await nextRound();
      await nextRound();
      if (over) return;
      const pick = waiting.length > 1 ? (picks[turn++] ?? 0) : 0;
      const [act] = waiting.splice(pick % Math.max(waiting.length, 1), 1);
      await act?.();
      tick();
    }
  }

  return { wait, run };
}

/** Runs `act` as a process of its own. Resolves with what it answers; undefined if it failed or died. */
export function asProcess<T>(turns: Turns, misfortune: Misfortune, act: () => Promise<T>): Promise<T | undefined> {
  const actor: Actor = { misfortune, turns, calls: 0, dead: false };
  return actors.run(actor, async () => {
    const answer = await act().catch(() => undefined);
    return actor.dead ? undefined : answer;
  });
}

/** From now on every call to AWS in this thread waits for its turn and meets its misfortune. Returns what undoes it. */
export function interceptAws(): () => void {
  const undo = [DynamoDBDocumentClient.prototype, SQSClient.prototype, S3Client.prototype].map((prototype) => {
    const { send: original } = prototype;
    Reflect.set(prototype, 'send', function (this: unknown, ...args: unknown[]) {
      const actor = actors.getStore();
      const send = (): Promise<unknown> => Reflect.apply(original, this, args);
      return actor ? call(actor, send) : send();
    });
    return () => Reflect.set(prototype, 'send', original);
  });
  return () => {
    for (const restore of undo) restore();
  };
}

/** What the model and the LLM take: others have their turns meanwhile, and the process may die there too. */
export async function takeTime(): Promise<void> {
  const actor = actors.getStore();
  if (actor) await call(actor, async () => undefined);
}

async function call(actor: Actor, send: () => Promise<unknown>): Promise<unknown> {
  if (actor.dead) throw new Died();
  return await actor.turns.wait(async () => {
    if (actor.dead) throw new Died();
    actor.calls += 1;
    const { misfortune } = actor;
    if (misfortune.kind === 'none' || misfortune.call !== actor.calls) return await send();
    if (misfortune.kind === 'fails') {
      if (misfortune.done) await send().then(discard);
      throw Object.assign(new Error('AWS does not answer'), { name: 'TimeoutError', $metadata: {} });
    }
    const first = send().then(discard);
    if (misfortune.kind === 'sent twice') return await first.then(send, send);
    actor.dead = true;
    await first.catch(() => {});
    throw new Died();
  });
}

/** An answer that nobody reads would keep its socket for ever. */
function discard(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null || !('Body' in answer)) return;
  if (answer.Body instanceof Readable) answer.Body.destroy();
}
