import { beforeAll, describe, expect, inject, test } from 'vitest';
import { planOf } from './plan.ts';
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

describe('a small storm', () => {
  let report: Report;
  beforeAll(async () => {
    report = await runFaults({ ...options, assemblyDir: inject('assemblyDir') });
  });

  test('breaks no promise', () => expect(report.broken).toEqual([]));

  test('ends every request, in more ways than one', () => {
    const endings = Object.values(report.endings);
    expect(endings.reduce((sum, count) => sum + count)).toBe(options.requests);
    expect(endings.length).toBeGreaterThan(2);
  });
});
