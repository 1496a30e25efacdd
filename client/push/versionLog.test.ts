import { expect, test } from 'vitest';
import { aRequest } from '../testing/requests.ts';
import { createVersionLog, type VersionLog } from './versionLog.ts';

const push = (version: number) => ({ request: aRequest({ version }), via: 'push' as const });

function versionsOf(log: VersionLog): number[] {
  const versions: number[] = [];
  for (let update = log.after(0); update; update = log.after(update.request.version)) {
    versions.push(update.request.version);
  }
  return versions;
}

test('takes what is newer, and nothing twice or late', () => {
  const log = createVersionLog();
  expect([1, 3, 3, 2, 4].map((version) => log.add(push(version)))).toEqual([true, true, false, false, true]);
  expect(versionsOf(log)).toEqual([1, 3, 4]);
});

test('forgets and refuses what lies before a new start', () => {
  const log = createVersionLog();
  log.add(push(4));
  log.add(push(6));
  log.startFrom(6);
  expect(versionsOf(log)).toEqual([6]);
  log.startFrom(8);
  expect(log.add(push(7))).toBe(false);
  expect(log.add(push(8))).toBe(true);
});

test('keeps the newest of very many', () => {
  const log = createVersionLog();
  for (let version = 1; version <= 1000; version += 1) log.add(push(version));
  expect(versionsOf(log)).toHaveLength(32);
  expect(versionsOf(log).at(-1)).toBe(1000);
});
