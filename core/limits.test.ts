import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { phrasesFor } from './description/phrases.ts';
import { localeValues } from './generated/enums.ts';
import { limits, submissionDefaults } from './limits.ts';

const schema = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The description above a field, e.g. what the playground shows of it. */
function descriptionOf(field: string): string {
  return new RegExp(`"([^"]*)"\\n  ${field}:`).exec(schema)?.[1] ?? '';
}

function listed(names: readonly string[], word: string): string {
  return `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
}

test('the contract says what the API takes', () => {
  const { maximumBytes, contentTypes } = limits;
  const megabytes = `${maximumBytes / 1024 / 1024} MB (${maximumBytes.toLocaleString('en')})`;
  expect(descriptionOf('contentLength')).toContain(`at most ${megabytes}.`);
  expect(descriptionOf('contentType')).toContain(`${listed(contentTypes, 'or')}.`);
});

test('the contract says what is assumed of what submitRequest is not told', () => {
  expect(descriptionOf('describe')).toContain(`Not given: ${submissionDefaults.describe}.`);
  expect(descriptionOf('locale')).toContain(`Not given: ${submissionDefaults.locale}.`);
});

test('the README names every language of the descriptions', () => {
  const languages = localeValues.map((locale) => phrasesFor(locale).language);
  expect(readme).toContain(`Descriptions in ${listed([...languages], 'and')}.`);
});
