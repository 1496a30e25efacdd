import { expect, test, vi } from 'vitest';
import { handoverOf } from '../../core/description/briefing.ts';
import { noticeCodeValues } from '../../core/generated/enums.ts';
import { aResult } from '../../core/testing/requests.ts';
import { log } from '../log.ts';
import { parseHandover } from './handover.ts';

const handover = handoverOf(aResult());

test.each(noticeCodeValues)('a hand-over that carries the notice %s is read as it was written', (code) => {
  const written = { ...handover, notices: [code] };
  expect(parseHandover(JSON.stringify(written), 'id')).toEqual(written);
});

test.each([
  ['is no JSON', '{'],
  ['lacks something', '{}'],
  ['holds a value that nobody knows', JSON.stringify({ ...handover, triage: 'LATER' })],
])('one that %s is a miss, and the log says so without its content', (_, json) => {
  const warn = vi.spyOn(log, 'warn').mockImplementation(() => {});
  expect(parseHandover(json, 'id')).toBeUndefined();
  expect(warn).toHaveBeenCalledExactlyOnceWith('hand-over unreadable', { requestId: 'id' });
  warn.mockRestore();
});

test('nothing there is a miss that needs no line', () => {
  expect(parseHandover(null, 'id')).toBeUndefined();
});
