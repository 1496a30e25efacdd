import { expect, test } from 'vitest';
import { createSharedLock } from './sharedLock.ts';

/** Runs acts by name ("alone" ones begin with A) and notes when each begins and ends. */
function start(names: string[]) {
  const lock = createSharedLock();
  const notes: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const runs = names.map((name) => {
    const end = Promise.withResolvers<void>();
    ends.set(name, end);
    const act = async () => {
      notes.push(`${name} begins`);
      await end.promise;
      notes.push(`${name} ends`);
    };
    return name.startsWith('A') ? lock.alone(act) : lock.beside(act);
  });
  const end = async (name: string) => {
    ends.get(name)?.resolve();
    await runs[names.indexOf(name)]?.catch(() => {});
    await new Promise(setImmediate);
  };
  return { notes, end, fail: (name: string) => ends.get(name)?.reject(new Error(name)), runs };
}

test('what shares runs side by side; what is alone waits for it, and all that came later waits for that', async () => {
  const { notes, end } = start(['b1', 'b2', 'A1', 'b3', 'A2', 'b4']);
  await end('b2');
  expect(notes).toEqual(['b1 begins', 'b2 begins', 'b2 ends']);
  await end('b1');
  expect(notes.slice(3)).toEqual(['b1 ends', 'A1 begins']);
  await end('A1');
  expect(notes.slice(5)).toEqual(['A1 ends', 'b3 begins']);
  await end('b3');
  expect(notes.slice(7)).toEqual(['b3 ends', 'A2 begins']);
  await end('A2');
  expect(notes.slice(9)).toEqual(['A2 ends', 'b4 begins']);
});

test('what fails tells its caller and holds nobody up', async () => {
  const { notes, end, fail, runs } = start(['b1', 'A1', 'b2']);
  fail('b1');
  await expect(runs[0]).rejects.toThrow('b1');
  fail('A1');
  await expect(runs[1]).rejects.toThrow('A1');
  await end('b2');
  expect(notes.at(-1)).toBe('b2 ends');
});
