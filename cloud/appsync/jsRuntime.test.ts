import { describe, expect, test } from 'vitest';
import { ResolverError } from './errors.ts';
import { compileResolver, type Effects } from './jsRuntime.ts';

const head = "import { util, extensions } from '@aws-appsync/utils';\n";
const returning = (expression: string) =>
  `${head}export function request(ctx) { return ${expression}; }\nexport const response = (ctx) => ctx.result;`;
const run = (code: string, context: unknown = {}, effects: Effects = { errors: [] }) =>
  compileResolver('Query.note', code)(effects).request(context);

describe('code that AppSync would refuse is refused at compile time, by name and line', () => {
  test.for([
    ['async', 'export async function request() {}\nexport const response = () => 1', /line 1: async/],
    ['await', `${returning('1')}\nconst x = await 1;`, /line 4: AwaitExpression/],
    ['try', returning('(() => { try { return 1 } catch (e) { return 2 } })()'), /TryStatement/],
    ['throw', returning('(() => { throw 1 })()'), /line 2: ThrowStatement/],
    ['class', `${returning('1')} class A {}`, /ClassDeclaration/],
    ['while', returning('(() => { while (true) { return 1 } })()'), /WhileStatement/],
    ['for (;;)', returning('(() => { for (let i = 0; i < 1; i += 1) return i })()'), /ForStatement/],
    ['continue', returning('(() => { for (const a of []) continue })()'), /ContinueStatement/],
    ['++', returning('ctx.n++'), /UpdateExpression/],
    ['in', returning('"a" in ctx'), /operator in/],
    ['~', returning('~1'), /operator ~/],
    ['a regular expression', returning('/a/'), /RegExp/],
    ['a generator', `${returning('1')} function* g() {}`, /generator/],
    ['this', returning('this'), /ThisExpression/],
    ['another import', `import x from 'lodash';\n${returning('1')}`, /ImportDefaultSpecifier|import of lodash/],
    ['a built-in module', `import { get } from '@aws-appsync/utils/dynamodb';\n${returning('1')}`, /utils\/dynamodb/],
    ['a renamed import', `import { util as u } from '@aws-appsync/utils';\n${returning('1')}`, /renaming/],
    ['a missing handler', 'export const request = () => 1;', /response is not defined/],
    ['bad syntax', 'export const request =', /Unexpected token/],
  ] as const)('%s', ([, code, message]) => {
    expect(() => compileResolver('Query.note', code)).toThrow(message);
    expect(() => compileResolver('Query.note', code)).toThrow(/^The resolver Query\.note is not valid APPSYNC_JS/);
  });
});

describe('what the runtime has', () => {
  test('code in either style of export, with for-of, spread, templates and stash', () => {
    const code = `${head}function request(ctx) { let all = ''; for (const s of ctx.list) all += s; return { ...ctx, all: \`<\${all}>\` }; }
      const response = (ctx) => Object.keys(ctx); export { request, response };`;
    expect(run(code, { list: ['a', 'b'] })).toMatchObject({ all: '<ab>' });
  });

  test('autoId and nowISO8601', () => {
    expect(run(returning('util.autoId()'))).toMatch(/^[0-9a-f-]{36}$/);
    expect(run(returning('util.time.nowISO8601()'))).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('util.error ends the handler, util.appendError does not', () => {
    const effects: Effects = { errors: [] };
    expect(run(returning('util.appendError("soft", "Soft", { a: 1 }) ?? "on"'), {}, effects)).toBe('on');
    expect(effects.errors.map(({ message, fields }) => ({ message, ...fields }))).toEqual([
      { message: 'soft', errorType: 'Soft', data: { a: 1 }, errorInfo: null },
    ]);
    expect(() => run(returning('util.error("hard", "Hard")'))).toThrow(ResolverError);
  });

  test.for([
    ['util.matches("a", "b")', 'line 2: util.matches is not emulated'],
    ['util.time.nowEpochSeconds()', 'line 2: util.time.nowEpochSeconds is not emulated'],
    ['extensions.invalidateSubscriptions({})', 'line 2: extensions.invalidateSubscriptions is not emulated'],
    ['runtime.earlyReturn()', 'line 2: runtime.earlyReturn is not emulated'],
    ['console.table([])', 'line 2: console.table is not emulated'],
    ['util["matches"]("a", "b")', 'line 2: util.matches is not emulated'],
    ['util[ctx.name]("a")', 'line 2: util.[…] is not emulated'],
    ['(() => { const { matches } = util; return matches; })()', 'line 2: util.matches is not emulated'],
    [
      '(() => { const { time } = util; return time.nowEpochSeconds(); })()',
      'line 2: time.nowEpochSeconds is not emulated',
    ],
    ['(() => { const t = util.time; return t.nowEpochSeconds(); })()', 'line 2: t.nowEpochSeconds is not emulated'],
    ['util?.matches("a", "b")', 'line 2: util.matches is not emulated'],
    ['false ? util.matches("a", "b") : 1', 'line 2: util.matches is not emulated'],
    ['process.env', 'line 2: process is not defined'],
    ['new Date()', 'line 2: Date is not defined'],
    ['(() => { if (false) return fetch("x") })()', 'line 2: fetch is not defined'],
  ] as const)('what is not there is refused before anything runs: %s', ([expression, message]) => {
    expect(() => compileResolver('Query.note', returning(expression))).toThrow(message);
  });

  test('so is what is imported, and used, and not emulated', () => {
    const code = `import { util, dynamodb } from '@aws-appsync/utils';
      export const request = () => dynamodb.get({}); export const response = (ctx) => ctx.result;`;
    expect(() => compileResolver('Query.note', code)).toThrow('line 2: dynamodb of @aws-appsync/utils is not emulated');
  });

  test('names of the code itself are its own: parameters, defaults, patterns, nested functions', () => {
    const code = `${head}const LIMIT = 3;
      export function request({ args: { list = [], ...rest } }, [first] = [1]) {
        const inner = (item, { key: name } = {}) => ({ item, name, LIMIT, rest, first });
        return list.map((item) => inner(item));
      }
      export const response = (ctx) => ctx.result;`;
    expect(run(code, { args: { list: [1] } })).toMatchObject([{ item: 1, LIMIT: 3, first: 1 }]);
  });

  test('a parameter that happens to have the name of an object of the runtime is no such object', () => {
    const code = `${head}const within = (runtime, time) => runtime.minutes + time.hours;
      export const request = () => { const { time } = util; return within({ minutes: 1 }, { hours: 2 }); };
      export const response = (ctx) => ctx.result;`;
    expect(run(code)).toBe(3);
  });

  test('console speaks to the log', () => {
    const said: unknown[] = [];
    const effects: Effects = { errors: [], say: (level, values) => said.push([level, ...values]) };
    run(returning('[console.log("a", { b: 1 }), console.error("c")]'), {}, effects);
    expect(said).toEqual([
      ['info', 'a', { b: 1 }],
      ['error', 'c'],
    ]);
  });

  test.for([
    ['API_KEY', 'API Key Authorization'],
    ['COGNITO', 'User Pool Authorization'],
    ['IAM', 'IAM Authorization'],
  ] as const)('util.authType says how the caller came in: %s', ([authMode, type]) => {
    expect(run(returning('util.authType()'), {}, { errors: [], authMode })).toBe(type);
  });

  test('only a subscription may set a filter', () => {
    const code = returning('extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({ a: { eq: 1 } }))');
    expect(() => run(code)).toThrow(/no subscription/);
    const effects: Effects = { errors: [] };
    compileResolver('Subscription.onNote', code)(effects).request({});
    expect(effects.filter).toEqual({ filterGroup: [{ filters: [{ fieldName: 'a', operator: 'eq', value: 1 }] }] });
  });
});
