import { isRecord } from './selection.ts';

type Rule = { fieldName: string; operator: string; value: unknown };
/** The rules of one entry are ANDed, the entries ORed. */
export type SubscriptionFilter = { filterGroup: { filters: Rule[] }[] };

type Test = (field: unknown, ...values: unknown[]) => boolean;
const ordered = (test: (a: string | number, b: string | number) => boolean) => (a: unknown, b: unknown) =>
  ((typeof a === 'string' && typeof b === 'string') || (typeof a === 'number' && typeof b === 'number')) && test(a, b);
const le = ordered((a, b) => a <= b);
const ge = ordered((a, b) => a >= b);
const contains: Test = (field, value) =>
  Array.isArray(field) ? field.includes(value) : typeof field === 'string' && field.includes(String(value));

/** https://docs.aws.amazon.com/appsync/latest/devguide/extensions.html, without `containsAny`. */
const OPERATORS = new Map<string, Test>([
  ['eq', (field, value) => field === value],
  ['ne', (field, value) => field !== value],
  ['le', le],
  ['lt', ordered((a, b) => a < b)],
  ['ge', ge],
  ['gt', ordered((a, b) => a > b)],
  ['contains', contains],
  ['notContains', (field, value) => !contains(field, value)],
  ['beginsWith', (field, value) => String(field).startsWith(String(value))],
  ['in', (field, ...values) => values.includes(field)],
  ['notIn', (field, ...values) => !values.includes(field)],
  ['between', (field, from, to) => ge(field, from) && le(field, to)],
]);
const MOST_VALUES: Record<string, number> = { in: 5, notIn: 5, between: 2 };

/** A field that is null, or that the mutation did not select, meets no rule. */
export function passes({ filterGroup }: SubscriptionFilter, event: unknown): boolean {
  return filterGroup.some(({ filters }) =>
    filters.every(({ fieldName, operator, value }) => {
      const field = fieldName.split('.').reduce((at, key) => (isRecord(at) ? at[key] : undefined), event) ?? null;
      return field !== null && OPERATORS.get(operator)?.(field, ...[value].flat());
    }),
  );
}

/** The argument of `extensions.setSubscriptionFilter`. Throws, naming what AppSync's limits forbid. */
export function checkedFilter(filter: SubscriptionFilter): SubscriptionFilter {
  const { length } = filter.filterGroup;
  if (length < 1 || length > 10) throw new Error(`a filterGroup has 1 to 10 entries, not ${length}`);
  for (const { filters } of filter.filterGroup) {
    const fields = new Set(filters.map(({ fieldName }) => fieldName)).size;
    if (fields < 1 || fields > 5) throw new Error(`a subscription filter has 1 to 5 fields, not ${fields}`);
    const refused = filters.find((rule) => !isUsable(rule));
    if (refused) throw new Error(`subscription filter refused: ${JSON.stringify(refused)}`);
  }
  return filter;
}

function isUsable({ operator, value }: Rule): boolean {
  const most = MOST_VALUES[operator];
  const values = [value].flat();
  const isRightLength = most
    ? Array.isArray(value) && values.length > 0 && values.length <= most
    : !Array.isArray(value);
  const isScalar = (item: unknown) =>
    ['string', 'number', 'boolean'].includes(typeof item) && String(item).length <= 256;
  return OPERATORS.has(operator) && isRightLength && values.every(isScalar);
}

type FilterInput = Record<string, unknown>;

/**
 * Fields are ANDed, several operators on one field are ORed; `and` and `or` take lists of further filters. The other
 * arguments of AppSync's function are refused.
 */
export function toSubscriptionFilter(filter: FilterInput, ...others: unknown[]): SubscriptionFilter {
  if (others.length > 0) throw new Error('toSubscriptionFilter with ignored fields or rules is not emulated');
  return { filterGroup: alternativesOf(filter).map((filters) => ({ filters })) };
}

/** Each a list of rules that must all hold; one of them is enough. */
function alternativesOf(filter: FilterInput): Rule[][] {
  const parts = Object.entries(filter).map(([key, value]): Rule[][] => {
    if (key === 'or') return listOf(value).flatMap(alternativesOf);
    if (key === 'and') return listOf(value).map(alternativesOf).reduce(both, [[]]);
    return Object.entries(isRecord(value) ? value : {}).map(([operator, operand]) => [
      { fieldName: key, operator, value: operand },
    ]);
  });
  return parts.reduce(both, [[]]);
}

function both(one: Rule[][], other: Rule[][]): Rule[][] {
  return one.flatMap((rules) => other.map((more) => [...rules, ...more]));
}

function listOf(value: unknown): FilterInput[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
