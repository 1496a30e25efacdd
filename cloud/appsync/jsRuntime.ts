import { randomUUID } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';
import { parse } from 'acorn';
import { ResolverError } from './errors.ts';
import { isRecord } from './selection.ts';
import { checkedFilter, type SubscriptionFilter, toSubscriptionFilter } from './subscriptionFilter.ts';

/** What a resolver's code did beside returning. */
export type Effects = { errors: ResolverError[]; filter?: SubscriptionFilter };
type Handlers = Record<'request' | 'response', (context: unknown) => unknown>;
export type ResolverCode = (effects: Effects) => Handlers;

/** What the runtime has not: https://docs.aws.amazon.com/appsync/latest/devguide/supported-features.html */
const REFUSED_SYNTAX = new Set(
  `AwaitExpression YieldExpression ClassDeclaration ClassExpression ThisExpression TryStatement ThrowStatement
  WhileStatement DoWhileStatement ForStatement ContinueStatement LabeledStatement UpdateExpression ImportExpression
  ImportDefaultSpecifier ImportNamespaceSpecifier ExportDefaultDeclaration ExportAllDeclaration`.split(/\s+/),
);
const GLOBALS = ['Object', 'Array', 'String', 'Number', 'Boolean', 'Math', 'JSON', 'parseInt', 'parseFloat'];
const sandbox = createContext({});
const strip = '((g, keep) => Object.getOwnPropertyNames(g).forEach((n) => keep.includes(n) || delete g[n]))';
runInContext(`${strip}(globalThis, ${JSON.stringify(GLOBALS)})`, sandbox);

/** @param name `Type.field`. @throws Error that names the resolver, the line and what AppSync would refuse there. */
export function compileResolver(name: string, code: string): ResolverCode {
  try {
    const body = withoutModules(code);
    const script = `"use strict"; (util, extensions, runtime) => {${body}\nreturn { request, response }; }`;
    const load: (...globals: object[]) => Handlers = runInContext(script, sandbox, { filename: name });
    const resolver = (effects: Effects) => load(...globalsOf(name, effects));
    resolver({ errors: [] });
    return resolver;
  } catch (error) {
    throw new Error(`The resolver ${name} is not valid APPSYNC_JS: ${error}`);
  }
}

/** Checks the code and blanks imports and exports, lines kept: what is left runs as a function's body. */
function withoutModules(code: string): string {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
  for (const node of nodesIn(program)) {
    const problem = problemOf(node);
    if (problem) throw new Error(`line ${code.slice(0, Number(node.start)).split('\n').length}: ${problem}`);
  }
  return program.body.reduce((text, node) => {
    const exported = node.type === 'ExportNamedDeclaration' ? node.declaration : undefined;
    if (exported === undefined && node.type !== 'ImportDeclaration') return text;
    const end = exported?.start ?? node.end;
    return text.slice(0, node.start) + text.slice(node.start, end).replace(/\S/g, ' ') + text.slice(end);
  }, code);
}

function nodesIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (!isRecord(value)) return [];
  return [...(typeof value.type === 'string' ? [value] : []), ...Object.values(value).flatMap(nodesIn)];
}

function problemOf(node: Record<string, unknown>): string | undefined {
  const { type, operator, local, source } = node;
  const other = node.imported ?? node.exported;
  if (REFUSED_SYNTAX.has(String(type))) return String(type);
  if (node.async === true || node.generator === true) return 'async function or generator';
  if (operator === '~' || (type === 'BinaryExpression' && operator === 'in')) return `operator ${operator}`;
  if (type === 'Literal' && node.regex) return 'RegExp';
  if (isRecord(local) && isRecord(other) && local.name !== other.name) return 'renaming import or export';
  return isRecord(source) && source.value !== '@aws-appsync/utils' ? `import of ${source.value}` : undefined;
}

/** A global of the runtime with the members we emulate; any other fails by name, where it would be undefined. */
function only<T extends object>(path: string, members: T): T {
  const get = (target: T, key: string | symbol) => {
    if (key in target) return Reflect.get(target, key);
    throw new Error(`${path}.${String(key)} is not emulated`);
  };
  return new Proxy(members, { get });
}

function globalsOf(name: string, effects: Effects): object[] {
  type ErrorArguments = ConstructorParameters<typeof ResolverError>;
  const [typeName, fieldName] = name.split('.');
  const fail = (...error: ErrorArguments): never => {
    throw new ResolverError(...error);
  };
  const util = {
    error: fail,
    appendError: (...error: ErrorArguments) => void effects.errors.push(new ResolverError(...error)),
    unauthorized: () => fail(`Not Authorized to access ${fieldName} on type ${typeName}`, 'Unauthorized'),
    autoId: () => randomUUID(),
    time: only('util.time', { nowISO8601: () => new Date().toISOString() }),
    transform: only('util.transform', { toSubscriptionFilter }),
  };
  const setSubscriptionFilter = (filter: SubscriptionFilter) => {
    if (typeName !== 'Subscription') throw new Error(`setSubscriptionFilter in ${name}, which is no subscription`);
    effects.filter = checkedFilter(filter);
  };
  return [only('util', util), only('extensions', { setSubscriptionFilter }), only('runtime', {})];
}
