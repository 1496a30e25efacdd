import { expect, test } from 'vitest';
import { parseCommandLine } from './usage.ts';

test('reads command, photos and options', () => {
  expect(parseCommandLine(['classify', 'a.jpg', '--describe', '--locale', 'de', 'b.jpg', '--json'])).toMatchObject({
    command: 'classify',
    operands: ['a.jpg', 'b.jpg'],
    describe: true,
    locale: 'de',
    json: true,
    pushOnly: false,
  });
});

test('without a command tells all commands', () => {
  expect(parseCommandLine([])).toContain('classify PHOTO…');
  expect(parseCommandLine(['--help'])).toContain('classify PHOTO…');
});

test('tells the options of each command', () => {
  expect(parseCommandLine(['watch', '--help'])).toContain('--push-only');
  expect(parseCommandLine(['list', '--help'])).toContain('--limit …');
});

test.each([
  ['an unknown command', ['fly'], 'There is no command fly'],
  ['an option of another command', ['list', '--describe'], '--describe'],
  ['a photo too few', ['submit'], 'submit takes PHOTO…'],
  ['an id too many', ['result', 'a', 'b'], 'result takes ID'],
  ['a language that is not spoken', ['submit', 'a.jpg', '--locale', 'xx'], '--locale is xx'],
  ['a limit that is none', ['list', '--limit', '1000'], '--limit is 1000'],
])('refuses %s', (_name, args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message);
});
