import type { Json } from '../template/template.ts';

type Matches = (value: unknown) => boolean;

/**
 * A predicate from the pattern of a `FilterCriteria` filter: exact values, `exists`, nested objects.
 * @throws on any other comparison, by its name
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 */
export function compileFilter(pattern: Json): Matches {
  if (Array.isArray(pattern)) {
    const rules = pattern.map(compileRule);
    return (value) => rules.some((matches) => matches(value));
  }
  if (pattern === null || typeof pattern !== 'object')
    throw new Error(`Filter pattern: ${JSON.stringify(pattern)} must stand in a list`);
  const fields = Object.entries(pattern).map(([name, inner]): [string, Matches] => {
    if (name.startsWith('$')) throw new Error(`Filter pattern: ${name} is not emulated`);
    return [name, compileFilter(inner)];
  });
  return (value) => fields.every(([name, matches]) => matches(fieldOf(value, name)));
}

function compileRule(rule: Json): Matches {
  if (rule === null || typeof rule !== 'object') return (value) => value === rule;
  const [name, argument] = Object.entries(rule)[0] ?? [];
  if (name === 'exists' && typeof argument === 'boolean') return (value) => (value !== undefined) === argument;
  throw new Error(`Filter pattern: ${JSON.stringify(rule)} is not emulated`);
}

function fieldOf(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
