import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { RequestStatus } from '../../client/request.ts';
import { planOf } from './plan.ts';
import { wrongTurns } from './promises.ts';
import { type Report, runFaults } from './run.ts';

const options = { requests: 40, owners: 4, seed: 7 };

describe('a plan', () => {
  test('follows from its seed', () => {
    expect(planOf(options)).toEqual(planOf(options));
    expect(planOf({ ...options, seed: 8 })).not.toEqual(planOf(options));
  });

  test('kills everything at least once', () => {
    expect(planOf(options).faults.map(({ fault }) => fault.kind)).toContain('kill -9 of everything');
  });
});

describe('what was pushed', () => {
  const history = (...statuses: RequestStatus[]) =>
    statuses.map((status, index) => ({ requestId: 'r', owner: 'o', listener: 'o', version: index + 1, status }));

  test('tells of a second end, and of one that a deletion hides from the store', () => {
    expect(wrongTurns(history('PENDING', 'FAILED', 'PENDING', 'CANCELLED', 'DELETED'))).toEqual([]);
    expect(wrongTurns(history('PENDING', 'CANCELLED', 'COMPLETED', 'DELETED'))).toHaveLength(1);
    expect(wrongTurns(history('PENDING', 'COMPLETED', 'PENDING'))).toHaveLength(1);
  });

  test('tells of two meanings of one version', () => {
    const [first] = history('COMPLETED');
    expect(wrongTurns([first!, first!])).toEqual([]);
    expect(wrongTurns([first!, { ...first!, status: 'FAILED' }])).toHaveLength(1);
  });
});

describe('a small storm', () => {
  let report: Report;
  beforeAll(async () => {
    report = await runFaults({ ...options, assemblyDir: inject('assemblyDir') });
  });

  test('breaks no promise', () => expect(report.broken).toEqual([]));

  test('is heard of: what was pushed is there to be judged', () => {
    expect(report.pushes).toBeGreaterThan(options.requests);
  });

  test('ends every request, in more ways than one', () => {
    const endings = Object.values(report.endings);
    expect(endings.reduce((sum, count) => sum + count)).toBe(options.requests);
    expect(endings.length).toBeGreaterThan(2);
  });
});
