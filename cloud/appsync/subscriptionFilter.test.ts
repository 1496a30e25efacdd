import { describe, expect, test } from 'vitest';
import { checkedFilter, passes, toSubscriptionFilter } from './subscriptionFilter.ts';

const heard = (filter: Record<string, unknown>, event: object) =>
  passes(checkedFilter(toSubscriptionFilter(filter)), event);

describe('subscription filters', () => {
  test.for([
    [{ eq: 'b' }, { eq: 'c' }],
    [{ ne: 'c' }, { ne: 'b' }],
    [{ le: 'b' }, { le: 'a' }],
    [{ lt: 'c' }, { lt: 'b' }],
    [{ ge: 'b' }, { ge: 'c' }],
    [{ gt: 'a' }, { gt: 'b' }],
    [{ in: ['a', 'b'] }, { in: ['a'] }],
    [{ notIn: ['a'] }, { notIn: ['a', 'b'] }],
    [{ between: ['a', 'c'] }, { between: ['c', 'd'] }],
    [{ contains: 'b' }, { contains: 'x' }],
    [{ notContains: 'x' }, { notContains: 'b' }],
    [{ beginsWith: 'b' }, { beginsWith: 'x' }],
  ])('%j passes b, %j does not', ([yes, no]) => {
    expect(heard({ f: yes ?? {} }, { f: 'b' })).toBe(true);
    expect(heard({ f: no ?? {} }, { f: 'b' })).toBe(false);
  });

  test('types are not mixed, and arrays contain', () => {
    expect(heard({ n: { eq: '1' } }, { n: 1 })).toBe(false);
    expect(heard({ n: { gt: '0' } }, { n: 1 })).toBe(false);
    expect(heard({ n: { contains: 2 } }, { n: [1, 2] })).toBe(true);
  });

  test('fields are ANDed, operators on one field ORed, nested fields reached by path', () => {
    expect(heard({ a: { eq: 1 }, b: { eq: 2 } }, { a: 1, b: 3 })).toBe(false);
    expect(heard({ a: { lt: 1, gt: 5 } }, { a: 6 })).toBe(true);
    expect(heard({ 'a.b': { eq: 1 } }, { a: { b: 1 } })).toBe(true);
  });

  test('and and or take further filters', () => {
    const either = { room: { eq: 'r' }, or: [{ from: { eq: 'a' } }, { to: { eq: 'a' }, kind: { in: ['x', 'y'] } }] };
    expect(heard(either, { room: 'r', from: 'a' })).toBe(true);
    expect(heard(either, { room: 'r', to: 'a', kind: 'y' })).toBe(true);
    expect(heard(either, { room: 'r', to: 'a', kind: 'z' })).toBe(false);
    expect(heard(either, { room: 's', from: 'a' })).toBe(false);
    expect(heard({ and: [{ a: { gt: 1 } }, { a: { lt: 3 } }] }, { a: 2 })).toBe(true);
    expect(heard({ and: [{ a: { gt: 1 } }, { a: { lt: 3 } }] }, { a: 3 })).toBe(false);
  });

  test('a field that is null or not there meets no rule', () => {
    expect(heard({ a: { ne: 1 } }, {})).toBe(false);
    expect(heard({ a: { notContains: 'x' } }, { a: null })).toBe(false);
  });

  test.for([
    [{ a: { eq: null } }, /"eq","value":null/],
    [{ a: { lte: 1 } }, /"lte"/],
    [{ a: { in: [1, 2, 3, 4, 5, 6] } }, /"in"/],
    [{ a: { eq: 'x'.repeat(257) } }, /"eq"/],
    [{}, /1 to 5 fields, not 0/],
    [Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, { eq: 1 }])), /not 6/],
  ] as [Record<string, object>, RegExp][])('%j is refused', ([filter, message]) => {
    expect(() => heard(filter, {})).toThrow(message);
  });
});
